package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/quota"
)

const (
	// maxSkew is how far this machine's clock may be off. With a larger difference, log lines are hard to match with
	// Ecwid's, and certificates may appear to be invalid.
	maxSkew = time.Minute
	// noGroup is an id that no group has: the highest possible one.
	noGroup = math.MaxInt32
)

// storeCheck sends the requests of doctor, one after the other, within the quota.
type storeCheck struct {
	*doctor
	client *ecwid.Client
	gate   *quota.Gate
	proxy  *url.URL // nil: none

	first firstResponse
}

// firstResponse is what the first response shows about the connection to the store.
type firstResponse struct {
	next http.RoundTripper

	seen        bool
	sent, ended time.Time
	date        string
	tls         *tls.ConnectionState
}

func (f *firstResponse) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := time.Now()
	response, err := f.next.RoundTrip(request)
	if err == nil && !f.seen {
		f.seen, f.sent, f.ended = true, sent, time.Now()
		f.date, f.tls = response.Header.Get("Date"), response.TLS
	}
	return response, err
}

// checkStore sends at most four requests. It stops after a response that refuses every request.
func (d *doctor) checkStore(ctx context.Context) {
	s := &storeCheck{doctor: d}
	client, closeClient, err := d.c.client(d.program, d.line, 1, func(next http.RoundTripper) http.RoundTripper {
		s.first.next = next
		return &s.first
	})
	if err != nil {
		d.fail("address", err, "")
		return
	}
	defer closeClient()
	s.client, s.gate = client, quota.NewGate(quota.Options{Rate: d.rate})
	if address, err := url.Parse(d.c.API); err == nil && !d.c.Sandbox {
		s.proxy, _ = http.ProxyFromEnvironment(&http.Request{URL: address})
	}
	if !s.profile(ctx) {
		s.skip("scopes", "not checked, because of the finding above")
		return
	}
	page, ok := s.listGroups(ctx)
	if !ok {
		s.skip("update_customers", "%s", untestedUpdate)
		return
	}
	groups := max(page.Total, len(page.Items)) // it may count the default group
	s.store.Groups = &groups
	s.tryUpdate(ctx)
}

// send sends one request as soon as the quota allows it.
func (s *storeCheck) send(ctx context.Context, request func(context.Context) error) error {
	attempt, err := s.gate.Enter(ctx)
	if err != nil {
		return err
	}
	defer attempt.Responded()
	ctx, cancel := context.WithTimeout(ctx, s.c.Timeout)
	defer cancel()
	return request(ctx)
}

// profile reads the store's profile, which also shows whether the API responds and accepts the token. It reports
// whether further requests make sense.
func (s *storeCheck) profile(ctx context.Context) bool {
	var p ecwid.Profile
	err := s.send(ctx, func(ctx context.Context) (err error) {
		p, err = s.client.Profile(ctx)
		return err
	})
	if !s.address(err) {
		return false
	}
	s.clock()
	store := printable(s.store.ID)
	response, refused := errors.AsType[*ecwid.Error](err)
	switch {
	case err == nil:
	case refused && response.Code == "INSUFFICIENT_APP_SCOPE":
		s.warn("store", fmt.Sprintf("%s: its name and plan are unknown, because the token is not allowed to read the profile", store), "")
		return true
	case errors.Is(err, ecwid.ErrForbidden):
		s.fail("token", err, "check that the token is right and belongs to store "+store+": the page of the app in the control panel shows its tokens")
		return false
	case errors.Is(err, ecwid.ErrRefused):
		s.fail("store", err, refusedHint(response))
		return false
	default:
		return s.unclear("store", err)
	}
	s.store.Name, s.store.Suspended = p.StoreName, p.Suspended
	store = s.store.String()
	switch {
	case p.Suspended:
		s.fail("store", fmt.Errorf("%s is suspended", store), "resolve that in the control panel: a suspended store refuses all updates")
		return false
	case p.LacksCustomerGroups():
		s.fail("store", fmt.Errorf("%s: its subscription plan has no customer groups", store), "customer groups need the plan Business or a higher one")
		return false
	}
	s.ok("store", "%s: not suspended, and its subscription plan has customer groups", store)
	return true
}

// address adds the finding about the connection. It reports whether the response is from the API, whatever it contains.
func (s *storeCheck) address(err error) bool {
	response, responded := errors.AsType[*ecwid.Error](err)
	_, noResponse := errors.AsType[*ecwid.NoResponseError](err)
	switch {
	case noResponse && !s.first.seen:
		s.fail("address", err, s.connectionHint(err))
		return false
	case noResponse:
		s.fail("address", err, "check the address of the API (--api)"+s.behindProxy())
		return false
	case responded && (response.HTML || response.Location != "" || response.StatusCode == http.StatusOK):
		s.fail("address", err, "this response is not from Ecwid's API: check the address (--api)"+s.behindProxy())
		return false
	case err != nil && !responded: // the checks were stopped
		s.fail("address", err, "")
		return false
	}
	how := "without TLS, on this machine"
	if t := s.first.tls; t != nil {
		how = fmt.Sprintf("%s, certificate valid until %s", tls.VersionName(t.Version), t.PeerCertificates[0].NotAfter.UTC().Format(time.DateOnly))
	}
	if s.proxy != nil {
		how += ", through the proxy " + s.proxy.Redacted()
	}
	if s.c.Sandbox {
		s.ok("address", "the store inside the program responds")
	} else {
		s.ok("address", "%s responds in %v: %s", s.client.Host(), s.first.ended.Sub(s.first.sent).Round(time.Millisecond), how)
	}
	return true
}

// connectionHint returns what to do about a request that got no response.
func (s *storeCheck) connectionHint(err error) string {
	var invalid x509.CertificateInvalidError
	var otherHost x509.HostnameError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("check this machine's clock, which says %s; if it is right, the server needs a new certificate",
			time.Now().UTC().Format(time.RFC3339))
	case errors.As(err, &otherHost):
		return "the certificate is for another host: check the address of the API (--api)" + s.behindProxy()
	case errors.As(err, &certificate):
		return privateAuthorityHint + s.behindProxy()
	}
	return unreachableHint + s.behindProxy()
}

func (s *storeCheck) behindProxy() string {
	if s.proxy == nil {
		return ""
	}
	return "; also check the proxy " + s.proxy.Redacted() + " ($HTTPS_PROXY)"
}

// clock compares this machine's clock with the server's, as of the first response.
func (s *storeCheck) clock() {
	server, err := http.ParseTime(s.first.date)
	if err != nil {
		s.skip("clock", "the response has no date")
		return
	}
	// The server's time has whole seconds: it lies between server and server + 1 s.
	ahead := s.first.sent.Sub(server.Add(time.Second))
	behind := server.Sub(s.first.ended)
	switch {
	case ahead > maxSkew:
		s.warn("clock", fmt.Sprintf("this machine's clock is %s ahead of Ecwid's", short(ahead)), "set it, for example with NTP")
	case behind > maxSkew:
		s.warn("clock", fmt.Sprintf("this machine's clock is %s behind Ecwid's", short(behind)), "set it, for example with NTP")
	default:
		s.ok("clock", "within a minute of Ecwid's")
	}
}

// unclear adds the finding for an error that does not come from the settings. It reports whether to continue.
func (s *storeCheck) unclear(check string, err error) bool {
	switch {
	case errors.Is(err, ecwid.ErrRateLimited):
		s.warn(check, err.Error(), "another program uses up the quota of this token: create an app for groupsync alone, or divide the quota with --rate")
		return false
	case errors.Is(err, ecwid.ErrTemporary):
		s.warn(check, err.Error(), "try again later: a run waits for the store as long as --max-outage says")
		return false
	}
	s.warn(check, err.Error(), "")
	return true
}

// listGroups lists the first groups, which shows whether the token has the scope read_customers.
func (s *storeCheck) listGroups(ctx context.Context) (page ecwid.CustomerGroupPage, ok bool) {
	const scope = "read_customers"
	var response *ecwid.Error
	err := s.send(ctx, func(ctx context.Context) (err error) {
		page, err = s.client.CustomerGroupPage(ctx, 0)
		return err
	})
	switch {
	case err == nil:
		s.ok(scope, "the token is allowed to list the groups of the store")
		return page, true
	case errors.Is(err, ecwid.ErrForbidden) && s.needsList():
		s.fail(scope, err, "give the app the scope read_customers, and use the new token: these settings need the list of groups")
	case errors.Is(err, ecwid.ErrForbidden):
		s.warn(scope, err.Error(), "updates work without the scope read_customers, but plan, pull and --skip-unchanged need it")
	case errors.As(err, &response) && errors.Is(err, ecwid.ErrRefused):
		s.fail(scope, err, refusedHint(response))
	default:
		s.unclear(scope, err)
	}
	return page, false
}

// needsList reports whether a run with these settings lists the store's groups.
func (s *storeCheck) needsList() bool {
	c := s.c
	return c.SkipUnchanged || c.DryRun || c.Backup != "" || c.MaxChanges != "" || c.Expect != "" || c.Key != "groupId"
}

// untestedUpdate is the message if it is unknown whether the token has the scope update_customers.
const untestedUpdate = "only a real update shows whether the token has this scope: send one row with sync --limit 1"

// tryUpdate sends an update that cannot be applied: without a field, for a group that the store has just said does not
// exist. If the token lacks the scope, the API says so.
func (s *storeCheck) tryUpdate(ctx context.Context) {
	const scope = "update_customers"
	err := s.send(ctx, func(ctx context.Context) error {
		_, err := s.client.CustomerGroup(ctx, noGroup)
		return err
	})
	if !errors.Is(err, ecwid.ErrGroupNotFound) {
		s.skip(scope, "%s", untestedUpdate)
		return
	}
	err = s.send(ctx, func(ctx context.Context) error {
		_, err := s.client.UpdateCustomerGroup(ctx, noGroup, ecwid.CustomerGroupUpdate{})
		return err
	})
	response, responded := errors.AsType[*ecwid.Error](err)
	switch {
	case errors.Is(err, ecwid.ErrForbidden):
		s.fail(scope, err, "give the app the scope update_customers, and use the new token; check, plan and pull work without it")
	case responded && errors.Is(err, ecwid.ErrRefused):
		s.fail(scope, err, refusedHint(response))
	case err == nil, responded && response.StatusCode < http.StatusInternalServerError && !errors.Is(err, ecwid.ErrRateLimited) && !errors.Is(err, ecwid.ErrTemporary):
		s.ok(scope, "the store accepted the token for a test update that cannot change anything")
	default:
		s.skip(scope, "%s", untestedUpdate)
	}
}

// String returns the id of the store and, if it is known, its name.
func (f storeFacts) String() string {
	if f.Name == "" {
		return printable(f.ID)
	}
	return printable(fmt.Sprintf("%s (%s)", f.ID, f.Name))
}
