package ecwid

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
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
		Items []struct {
			CustomerGroup
			ID *int64 `json:"id"` // 0 is a group: a missing id must not be taken for it
		} `json:"items"`
		Total *int `json:"total"`
	}
	path := fmt.Sprintf("/customer_groups?limit=%d&offset=%d", PageSize, offset)
	if err := c.do(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return CustomerGroupPage{}, err
	}
	unusable := func(format string, args ...any) (CustomerGroupPage, error) {
		return CustomerGroupPage{}, &NoAnswerError{c.host, fmt.Errorf(format, args...)}
	}
	if answer.Total == nil {
		return unusable("the list of groups has no total")
	}
	if offset == 0 && len(answer.Items) == 0 && *answer.Total > 0 {
		return unusable("the list of groups says that there are %d, and shows none", *answer.Total)
	}
	page := CustomerGroupPage{Total: *answer.Total}
	for _, item := range answer.Items {
		switch {
		case item.ID == nil:
			return unusable("the list has a group without an id")
		case *item.ID < 0 || *item.ID > math.MaxInt32:
			return unusable("the list has a group %d: ids go from 0 to %d", *item.ID, math.MaxInt32)
		}
		item.CustomerGroup.ID = int32(*item.ID)
		page.Items = append(page.Items, item.CustomerGroup)
	}
	return page, nil
}

// errRestless is a list that can't be read, because each page contradicts the one before it.
var errRestless = errors.New("the list of the store's groups changes faster than it can be read: try again")

// mostAgain is how many pages in a row may fail to join, or bring nothing new where none was read before,
// until the list is given up.
const mostAgain = 20

// CustomerGroups gives every group of a store once, page by page as fetch brings them; the first error of
// fetch is the last value.
//
// Groups may be created and deleted meanwhile: a group that was there all the time is not missed as long as
// the list keeps its order. For each page begins with the last group of the one before it, and if it does
// not, the groups have moved, and are read again from further ahead. With quick, pages do without that
// where it would cost a page more, as long as the total stays the same: a group may then be missed if one
// before it is deleted, and another created, just between two such pages.
//
// The list ends where the total says, or with an empty page. A total that the pages contradict is not
// believed: then the list ends with a page that is not full. The number of pages is bounded whatever the
// server says: one that repeats its pages, or whose pages never join, costs some requests and an error.
func CustomerGroups(fetch func(offset int) (CustomerGroupPage, error), quick bool) iter.Seq2[CustomerGroup, error] {
	return func(yield func(CustomerGroup, error) bool) {
		seen := map[int32]bool{}
		offset, total := 0, -1
		joined := true // the page at offset needs no proof that nothing lies between
		back, again := 1, 0
		reached := 0 // the end of the furthest page that joined
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
			end, news := offset+len(page.Items), 0
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
			} else if end > reached { // otherwise it catches up after having gone back
				if again++; again > mostAgain {
					yield(CustomerGroup{}, errRestless)
					return
				}
			}
			reached = max(reached, end)
			if len(page.Items) == 0 || end == total || end > total && len(page.Items) < PageSize {
				return
			}
			offset, joined = end-1, false
			if len(page.Items) == 1 || quick && (total-end)%PageSize == 0 {
				offset, joined = end, true
			}
		}
	}
}
