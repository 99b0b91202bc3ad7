package ecwidtest

import "time"

// The store that Options describe unless they say otherwise.
const (
	DefaultStore = "1003"
	DefaultToken = "secret_sandbox"
)

// Options say what store is emulated, and how it behaves. The zero value is a store with the default
// group alone, no quota, no latency and no fault.
type Options struct {
	Store  string // its id; "": DefaultStore
	Token  string // the token it takes; "": DefaultToken
	Groups []Group

	// AnyGroup makes every id from 1 to 2147483647 exist: a group begins, as "Group N", when it is first touched.
	AnyGroup bool

	// Scopes are what the token may do; nil: read_customers and update_customers.
	Scopes []string

	// Quota is how many requests of the token any Window may hold; 0: any number. They count at arrival,
	// whatever becomes of them. One more is not applied, and is answered 429 with the whole seconds,
	// at least 1, until there is room again.
	Quota  int
	Window time.Duration // 0: a minute

	// CountRefused makes the requests answered 429 count against the quota as well, so that knocking
	// on prolongs the refusal. Ecwid does not say which it does.
	CountRefused bool

	// Latency, if not nil, is how long the answer to a request waits after its arrival.
	// It is called once a request, one at a time, in order of arrival.
	Latency func() time.Duration

	// ZeroUpdate is when a PUT that is otherwise in order is answered with updateCount 0.
	ZeroUpdate ZeroUpdate

	// Refused are the groups that ZeroRefused is about; nil: all.
	Refused []int32

	// DropExternalID makes a PUT drop its externalReferenceId without a word.
	DropExternalID bool

	// Fault, if not nil, says what goes wrong with a request; its answer is not in the Request yet.
	// It is called once a request, one at a time, in order of arrival, and may use the Server.
	Fault func(Request) Fault

	// Discard keeps no log of requests, for load: Requests is empty, Busiest 0.
	Discard bool
}

// ZeroUpdate is a meaning that updateCount 0 may have: Ecwid says no more than that the item was not updated.
type ZeroUpdate int

const (
	ZeroNever         ZeroUpdate = iota // updateCount is always 1
	ZeroWhenUnchanged                   // 0 when the group held these values already
	ZeroRefused                         // 0 when the store silently did not apply the change: Options.Refused
)

func (o Options) withDefaults() Options {
	if o.Store == "" {
		o.Store = DefaultStore
	}
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.Scopes == nil {
		o.Scopes = []string{readCustomers, updateCustomers}
	}
	if o.Window == 0 {
		o.Window = time.Minute
	}
	return o
}
