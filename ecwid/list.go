package ecwid

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
)

// PageSize is the number of groups that a full page holds.
const PageSize = 100

// maxPage bounds the length of a page, in bytes: PageSize groups with two strings of 64 KiB each, in which
// every byte is escaped as \u00XX.
const maxPage = PageSize*2*6*(64<<10) + maxBody

// CustomerGroupPage is one page of the list of a store's customer groups.
type CustomerGroupPage struct {
	Items []CustomerGroup `json:"items"`
	// Total is the number of groups in the store. Whether it includes the default group is unknown, so it
	// never ends the list.
	Total int `json:"total"`
	// Limit is the number of groups that the server puts on a page. Zero means [PageSize].
	Limit int `json:"limit"`
}

// isFull reports whether more groups may follow.
func (p CustomerGroupPage) isFull() bool {
	limit := p.Limit
	if limit < 1 || limit > PageSize {
		limit = PageSize
	}
	return len(p.Items) >= limit
}

// CustomerGroupPage returns the groups from offset on, at most [PageSize] of them. Its errors are those of
// [Client.UpdateCustomerGroup].
//
// Ecwid: https://docs.ecwid.com/api-reference/rest-api/customers/customer-groups/search-customer-groups
// (scope read_customers).
func (c *Client) CustomerGroupPage(ctx context.Context, offset int) (CustomerGroupPage, error) {
	var response struct {
		Items []struct {
			CustomerGroup
			ID *int64 `json:"id"` // a missing id must not be taken for 0, the default group
		} `json:"items"`
		Total *int `json:"total"`
		Limit int  `json:"limit"`
	}
	path := fmt.Sprintf("/customer_groups?limit=%d&offset=%d", PageSize, offset)
	if err := c.do(ctx, http.MethodGet, path, nil, &response, maxPage); err != nil {
		return CustomerGroupPage{}, err
	}
	unusable := func(format string, args ...any) (CustomerGroupPage, error) {
		return CustomerGroupPage{}, c.noResponse(fmt.Errorf(format, args...))
	}
	if response.Total == nil {
		return unusable("the list of groups has no total")
	}
	if offset == 0 && len(response.Items) == 0 && *response.Total > 0 {
		return unusable("the list of groups is empty, although its total is %d", *response.Total)
	}
	page := CustomerGroupPage{Total: *response.Total, Limit: response.Limit}
	for _, item := range response.Items {
		switch {
		case item.ID == nil:
			return unusable("the list has a group without an id")
		case *item.ID < 0 || *item.ID > math.MaxInt32:
			return unusable("the list has a group with the id %d: ids are from 0 to %d", *item.ID, math.MaxInt32)
		}
		item.CustomerGroup.ID = int32(*item.ID)
		page.Items = append(page.Items, item.CustomerGroup)
	}
	return page, nil
}

// ErrListChanging reports a list that cannot be read, because each page contradicts the one before it.
var ErrListChanging = errors.New("the list of the store's groups changes faster than it can be read: try again")

// maxRereads bounds how many consecutive pages may fail to overlap with what was read, or only repeat it.
const maxRereads = 20

// ListOptions are the options of [Client.CustomerGroups].
type ListOptions struct {
	// Fetch returns the page that begins at offset. Nil means [Client.CustomerGroupPage]. A caller that limits
	// its rate, or retries, sets a function that does so around CustomerGroupPage.
	Fetch func(ctx context.Context, offset int) (CustomerGroupPage, error)
	// Quick saves requests: pages do not overlap where the overlap would cost an additional page, as long as
	// the total stays the same. A group may be missed if a group before it is deleted, and another one
	// created, between two such pages.
	Quick bool
}

// CustomerGroups returns every group of the store once, the default group included, page by page. The
// sequence ends after the first error.
//
// Groups may be created and deleted while the list is read. A group that exists all the time is not missed
// as long as the order of the list stays the same: each page begins with the last group of the page before it,
// and if it does not, the groups have moved, and the list is read again from an earlier offset.
//
// Only a page that is not full ends the list; if its total promises more groups, only an empty page does.
// The number of pages is bounded whatever the server sends: pages that repeat, or never overlap, end in
// [ErrListChanging].
func (c *Client) CustomerGroups(ctx context.Context, o ListOptions) iter.Seq2[CustomerGroup, error] {
	if o.Fetch == nil {
		o.Fetch = c.CustomerGroupPage
	}
	return func(yield func(CustomerGroup, error) bool) {
		seen := map[int32]bool{}
		offset, total := 0, -1
		connected := true // the page at offset does not have to overlap with what was read
		back, rereads := 1, 0
		reached := 0 // the end of the furthest page
		for {
			page, err := o.Fetch(ctx, offset)
			if err != nil {
				yield(CustomerGroup{}, err)
				return
			}
			moved := total >= 0 && page.Total != total
			total = page.Total
			if offset > 0 && (!connected || moved) && (len(page.Items) == 0 || !seen[page.Items[0].ID]) {
				if rereads++; rereads > maxRereads {
					yield(CustomerGroup{}, ErrListChanging)
					return
				}
				offset, connected = max(offset-back, 0), false
				back *= 2
				continue
			}
			end, added := offset+len(page.Items), 0
			for _, g := range page.Items {
				if seen[g.ID] {
					continue
				}
				seen[g.ID] = true
				added++
				if !yield(g, nil) {
					return
				}
			}
			if added > 0 {
				back, rereads = 1, 0
			} else if end > reached { // an earlier end means that the list was read again
				if rereads++; rereads > maxRereads {
					yield(CustomerGroup{}, ErrListChanging)
					return
				}
			}
			reached = max(reached, end)
			if len(page.Items) == 0 || !page.isFull() && end >= total {
				return
			}
			offset, connected = end-1, false
			if len(page.Items) == 1 || o.Quick && (total-end+1)%PageSize == 0 {
				offset, connected = end, true
			}
		}
	}
}
