package ecwid

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
)

// PageSize is the most groups that a page holds. Ecwid: 100.
const PageSize = 100

// CustomerGroupPage is a part of the list of a store's customer groups.
type CustomerGroupPage struct {
	Items []CustomerGroup `json:"items"`
	// Total is the number of the store's groups, the default one included, when the page was made.
	Total int `json:"total"`
}

// CustomerGroupPage reads the groups from offset on, at most [PageSize] of them. Its errors are those of
// [Client.UpdateCustomerGroup].
//
// Ecwid: https://docs.ecwid.com/api-reference/rest-api/customers/customer-groups/search-customer-groups
// (scope read_customers).
func (c *Client) CustomerGroupPage(ctx context.Context, offset int) (CustomerGroupPage, error) {
	var answer struct {
		CustomerGroupPage
		Total *int `json:"total"`
	}
	path := fmt.Sprintf("/customer_groups?limit=%d&offset=%d", PageSize, offset)
	if err := c.do(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return CustomerGroupPage{}, err
	}
	if answer.Total == nil {
		return CustomerGroupPage{}, &NoAnswerError{c.host, errors.New("the list of groups has no total")}
	}
	for _, g := range answer.Items {
		if g.ID < 0 {
			return CustomerGroupPage{}, &NoAnswerError{c.host, fmt.Errorf("the list has a group %d", g.ID)}
		}
	}
	return CustomerGroupPage{answer.Items, *answer.Total}, nil
}

// errRestless is a list that can't be read, because each page contradicts the one before it.
var errRestless = errors.New("the list of the store's groups changes faster than it can be read: try again")

// mostAgain is how many pages in a row may bring nothing new before the list is given up.
const mostAgain = 20

// CustomerGroups gives every group of a store once, page by page as fetch brings them; the first error of
// fetch is the last value.
//
// Groups may be created and deleted meanwhile: a group that was there all the time is not missed as long as
// the list keeps its order. For each page begins with the last group of the one before it, and if it does
// not, the groups have moved, and are read again from further ahead. With quick, pages do without that
// where it would cost a page more, as long as the total stays the same.
func CustomerGroups(fetch func(offset int) (CustomerGroupPage, error), quick bool) iter.Seq2[CustomerGroup, error] {
	return func(yield func(CustomerGroup, error) bool) {
		seen := map[int32]bool{}
		offset, total := 0, -1
		joined := true // the page at offset needs no proof that nothing lies between
		back, again := 1, 0
		for {
			page, err := fetch(offset)
			if err != nil {
				yield(CustomerGroup{}, err)
				return
			}
			moved := total >= 0 && page.Total != total
			total = page.Total
			if offset > 0 && (!joined || moved) && (len(page.Items) == 0 || !seen[page.Items[0].ID]) {
				if again++; again > mostAgain {
					yield(CustomerGroup{}, errRestless)
					return
				}
				offset, joined = max(offset-back, 0), false
				back *= 2
				continue
			}
			news := 0
			for _, g := range page.Items {
				if seen[g.ID] {
					continue
				}
				seen[g.ID] = true
				news++
				if !yield(g, nil) {
					return
				}
			}
			if news > 0 {
				back, again = 1, 0
			} else if again++; again > mostAgain {
				yield(CustomerGroup{}, errRestless)
				return
			}
			end := offset + len(page.Items)
			if len(page.Items) == 0 || end >= total {
				return
			}
			offset, joined = end-1, false
			if len(page.Items) == 1 || quick && (total-end)%PageSize == 0 {
				offset, joined = end, true
			}
		}
	}
}
