package ecwid

import (
	"context"
	"fmt"
	"net/http"
)

type interimPage struct {
	Total, Count, Offset, Limit int
	Items                       []CustomerGroup
}

func (c *Client) InterimPage(ctx context.Context, offset int) (items []CustomerGroup, total int, err error) {
	var p interimPage
	err = c.do(ctx, http.MethodGet, fmt.Sprintf("/customer_groups?limit=100&offset=%d", offset), nil, &p)
	return p.Items, p.Total, err
}
