// Package ecwid is a client of the part of the Ecwid REST API that deals with customer groups.
//
// A [Client] belongs to one store and one token. Each method is one request: nothing here waits, paces or
// retries. Whoever calls it must: Ecwid allows 600 requests a minute per token, and blocks a token, for much
// longer than a minute, that goes on after a 429.
package ecwid

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// DefaultBaseURL is where Ecwid's API is.
const DefaultBaseURL = "https://app.ecwid.com/api/v3"

// MaxConnections is the number of connections at once that Ecwid's own client keeps to.
const MaxConnections = 10

// maxBody bounds what is read of an answer, in bytes: a page of 100 groups is far below it.
const maxBody = 1 << 20

// Config says which store a [Client] talks to, and as whom.
type Config struct {
	// Store is the store id: decimal digits.
	Store string
	Token Token
	// BaseURL is [DefaultBaseURL] if empty. Only https is accepted, unless the host is a loopback address.
	BaseURL string
	// UserAgent is sent with each request.
	UserAgent string
	// Connections is the number of connections kept open: [MaxConnections] if 0.
	// It has no effect beside an HTTPClient.
	Connections int
	// HTTPClient replaces the client that New makes, which honours HTTPS_PROXY and SSL_CERT_FILE.
	// It is copied, not changed; redirects are not followed either way.
	HTTPClient *http.Client
	// Instrument, if set, wraps the transport that carries the requests, to observe them.
	Instrument func(http.RoundTripper) http.RoundTripper
}

// Client sends requests to one store. It is safe for concurrent use.
type Client struct {
	token     Token
	store     string // the URL of the store
	host      string
	userAgent string
	http      http.Client
	closeIdle func()
}

// New makes a client. Its error tells all that is wrong with c, a line each.
func New(c Config) (*Client, error) {
	base, err := parseBaseURL(cmp.Or(c.BaseURL, DefaultBaseURL))
	errs := []error{err}
	if c.Store == "" || strings.Trim(c.Store, "0123456789") != "" {
		errs = append(errs, fmt.Errorf("the store id %q is not a number: it stands at the bottom of every page of the Ecwid control panel", c.Store))
	}
	if c.Token.IsZero() {
		errs = append(errs, errors.New("there is no token"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	client := &Client{
		token:     c.Token,
		store:     strings.TrimRight(base.String(), "/") + "/" + c.Store,
		host:      base.Host,
		userAgent: c.UserAgent,
	}
	if c.HTTPClient != nil {
		client.http = *c.HTTPClient
	} else {
		n := cmp.Or(c.Connections, MaxConnections)
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxConnsPerHost = n
		transport.MaxIdleConns = n
		transport.MaxIdleConnsPerHost = n
		client.http.Transport = transport
	}
	// What wraps a transport need not know how to close its connections.
	idle := client.http
	client.closeIdle = idle.CloseIdleConnections
	if c.Instrument != nil {
		if client.http.Transport == nil {
			client.http.Transport = http.DefaultTransport
		}
		client.http.Transport = c.Instrument(client.http.Transport)
	}
	// A redirect would carry the token to wherever it points.
	client.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client, nil
}

func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the address of the API is not like %s", DefaultBaseURL)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("the address of the API has more than a host and a path: it should be like %s", DefaultBaseURL)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("the address of the API, %s, is not https: the token would travel readable by everyone", s)
	}
	return u, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Host is the host that the client talks to.
func (c *Client) Host() string { return c.host }

// Close closes the connections that are kept open.
func (c *Client) Close() { c.closeIdle() }

// UpdateCustomerGroup changes a customer group and returns the number of groups that were updated: 1 or 0.
//
// Any answer but 200 is an [*Error]; no usable answer is a [*NoAnswerError].
//
// Ecwid: https://docs.ecwid.com/api-reference/rest-api/customers/customer-groups/update-customer-group
// (scope update_customers).
func (c *Client) UpdateCustomerGroup(ctx context.Context, groupID int32, update CustomerGroupUpdate) (int, error) {
	var answer struct {
		UpdateCount *int `json:"updateCount"`
	}
	if err := c.do(ctx, http.MethodPut, groupPath(groupID), update, &answer); err != nil {
		return 0, err
	}
	if answer.UpdateCount == nil {
		return 0, &NoAnswerError{c.host, errors.New("the answer has no updateCount")}
	}
	return *answer.UpdateCount, nil
}

// CustomerGroup reads one customer group. Its errors are those of [Client.UpdateCustomerGroup].
//
// Ecwid: https://docs.ecwid.com/api-reference/rest-api/customers/customer-groups/get-customer-group
// (scope read_customers).
func (c *Client) CustomerGroup(ctx context.Context, groupID int32) (CustomerGroup, error) {
	var group CustomerGroup
	if err := c.do(ctx, http.MethodGet, groupPath(groupID), nil, &group); err != nil {
		return CustomerGroup{}, err
	}
	if group.ID != groupID {
		return CustomerGroup{}, &NoAnswerError{c.host, fmt.Errorf("asked for group %d, it answered with group %d", groupID, group.ID)}
	}
	return group, nil
}

func groupPath(id int32) string { return "/customer_groups/" + strconv.Itoa(int(id)) }

// do sends one request and reads its answer into out.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.store+path, body)
	if err != nil {
		return fmt.Errorf("making the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+*c.token.secret)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if in != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &NoAnswerError{c.host, err}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if resp.StatusCode != http.StatusOK {
		return c.newError(resp, data)
	}
	switch {
	case err != nil:
		return &NoAnswerError{c.host, fmt.Errorf("the answer broke off: %w", err)}
	case len(data) > maxBody:
		return &NoAnswerError{c.host, fmt.Errorf("the answer is longer than %d bytes", maxBody)}
	}
	if err := json.Unmarshal(data, out); err != nil {
		return &NoAnswerError{c.host, errors.New("the answer is not the JSON that was expected")}
	}
	return nil
}
