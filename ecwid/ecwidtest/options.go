package ecwidtest

import "time"

// The defaults of Options.
const (
	DefaultStore = "1003"
	DefaultToken = "secret_sandbox"
)

// Options configure the emulated store. The zero value is a store with only the default group, and without
// quota, latency or faults.
type Options struct {
	Store  string // the store id; "": DefaultStore
	Token  string // the token that the store accepts; "": DefaultToken
	Groups []Group

	// StoreName is the name in the store's profile.
	StoreName string

	// Suspended makes the store suspended: its profile says so, and calls about groups get a 402 STORE_IS_SUSPENDED.
	Suspended bool

	// NoCustomerGroups gives the store a plan without customer groups: the profile does not list the feature, and
	// calls about groups get a 402 NOT_AVAILABLE_ON_CURRENT_PLAN.
	NoCustomerGroups bool

	// NoProfile makes requests for the profile get a 404 PROFILE_NOT_FOUND.
	NoProfile bool

	// AnyGroup makes every id from 1 to 2147483647 exist: the first request for an id creates its group, "Group N".
	AnyGroup bool

	// Scopes are the scopes of the token. Nil means read_customers, update_customers and create_customers.
	Scopes []string

	// Quota is the maximum number of requests with the token in any Window. Zero means no limit. Requests count when they
	// arrive, whatever their response. A request beyond the quota is not applied, and gets a 429 whose
	// Retry-After is the time until there is room again, in whole seconds, at least 1.
	Quota  int
	Window time.Duration // 0: a minute

	// CountRefused makes the requests that got a 429 count against the quota as well: a client that does not
	// wait then prolongs its wait. Ecwid does not document whether it does this.
	CountRefused bool

	// Latency, if not nil, returns the time between the arrival of a request and its response.
	// It is called once per request, one at a time, in order of arrival.
	Latency func() time.Duration

	// TotalWithoutDefault makes the total of a list exclude the default group, as Ecwid's documentation says.
	// Ecwid's own client expects that it is included.
	TotalWithoutDefault bool

	// RequireName refuses a PUT without a name, as Ecwid's documentation of 2020 says.
	RequireName bool

	// ZeroUpdate says when a PUT that is otherwise valid gets updateCount 0.
	ZeroUpdate ZeroUpdate

	// Refused are the groups to which ZeroRefused applies. Nil means all groups.
	Refused []int32

	// DropExternalID makes PUT and POST silently ignore externalReferenceId.
	DropExternalID bool

	// Fault, if not nil, returns the fault for a request that has no response yet.
	// It is called once per request, one at a time, in order of arrival, and may use the Server.
	Fault func(Request) Fault

	// Discard keeps no log of requests, for load tests: Requests is empty, Busiest 0.
	Discard bool
}

// ZeroUpdate is a meaning of updateCount 0. Ecwid only documents that the item was not updated.
type ZeroUpdate int

const (
	ZeroNever         ZeroUpdate = iota // updateCount is always 1
	ZeroWhenUnchanged                   // 0 if the group has these values already
	ZeroRefused                         // 0 if the store silently ignores the change: see Options.Refused
)

func (o Options) withDefaults() Options {
	if o.Store == "" {
		o.Store = DefaultStore
	}
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.Scopes == nil {
		o.Scopes = []string{readCustomers, updateCustomers, createCustomers}
	}
	if o.Window == 0 {
		o.Window = time.Minute
	}
	return o
}
