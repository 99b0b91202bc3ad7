package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
)

// doctorOn runs doctor against a store, and returns what it prints and the exit code.
func doctorOn(t *testing.T, url string, args ...string) (string, int) {
	t.Helper()
	variables := map[string]string{"ECWID_API_URL": url, "ECWID_STORE_ID": ecwidtest.DefaultStore, "ECWID_TOKEN": testToken}
	getenv := func(name string) string { return variables[name] }
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), append([]string{"groupsync", "doctor"}, args...), getenv, strings.NewReader(""), &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Errorf("standard error is %s", &stderr)
	}
	if strings.Contains(stdout.String(), tokenMark) {
		t.Errorf("the output shows the token:\n%s", &stdout)
	}
	return stdout.String(), code
}

// Each fault is one line with a hint, and doctor changes no group.
func TestDoctorFaults(t *testing.T) {
	always := func(f ecwidtest.Fault) func(ecwidtest.Request) ecwidtest.Fault {
		return func(ecwidtest.Request) ecwidtest.Fault { return f }
	}
	at := func(method, path string, f ecwidtest.Fault) func(ecwidtest.Request) ecwidtest.Fault {
		return func(r ecwidtest.Request) ecwidtest.Fault {
			if r.Method == method && strings.HasSuffix(r.Path, path) {
				return f
			}
			return ecwidtest.Fault{}
		}
	}
	dated := func(off time.Duration) func(ecwidtest.Request) ecwidtest.Fault {
		return at("GET", "/profile", ecwidtest.Body(`{}`).With("Date", time.Now().Add(off).UTC().Format(http.TimeFormat)))
	}
	for name, tt := range map[string]struct {
		store    ecwidtest.Options
		args     []string
		want     string // the finding
		code     int
		requests int
	}{
		"no faults":          {ecwidtest.Options{StoreName: "Anna's Teeladen"}, nil, "ok       store             1003 (Anna's Teeladen): not suspended, and its subscription plan has customer groups", exitGood, 4},
		"scope to update":    {ecwidtest.Options{}, nil, "ok       update_customers  the store accepted the token for a test update", exitGood, 4},
		"wrong token":        {ecwidtest.Options{Token: "secret_other"}, nil, "error    token             Ecwid returned 403 (Forbidden): check that the token is right and belongs to store 1003: the page of the app in the control panel shows its tokens", exitNotStarted, 1},
		"wrong store":        {ecwidtest.Options{Store: "1004"}, nil, "error    store             Ecwid returned 404 STORE_NOT_FOUND: Store not found: check the store id (--store)", exitNotStarted, 1},
		"no profile":         {ecwidtest.Options{NoProfile: true}, nil, "error    store             Ecwid returned 404 PROFILE_NOT_FOUND: Profile not found: check the store id (--store)", exitNotStarted, 1},
		"suspended":          {ecwidtest.Options{Suspended: true}, nil, "error    store             1003 is suspended: resolve that in the control panel", exitNotStarted, 1},
		"plan":               {ecwidtest.Options{NoCustomerGroups: true}, nil, "error    store             1003: its subscription plan has no customer groups: customer groups need the plan Business or a higher one", exitNotStarted, 1},
		"402":                {ecwidtest.Options{NoCustomerGroups: true, Fault: at("GET", "/profile", ecwidtest.Body(`{}`))}, nil, "error    read_customers    Ecwid returned 402 NOT_AVAILABLE_ON_CURRENT_PLAN: Customer groups are not available on the current plan: check in the control panel that the store's subscription plan includes customer groups, and that the store is not suspended", exitNotStarted, 2},
		"no scope to read":   {ecwidtest.Options{Scopes: []string{"update_customers"}}, nil, "warning  read_customers    Ecwid returned 403 INSUFFICIENT_APP_SCOPE: The token lacks the scope read_customers: updates work without", exitNotGood, 2},
		"list needed":        {ecwidtest.Options{Scopes: []string{"update_customers"}}, []string{"--skip-unchanged"}, "error    read_customers    Ecwid returned 403 INSUFFICIENT_APP_SCOPE: The token lacks the scope read_customers: give the app the scope read_customers", exitNotStarted, 2},
		"not tested":         {ecwidtest.Options{Scopes: []string{"update_customers"}}, nil, "skipped  update_customers  only a real update shows", exitNotGood, 2},
		"no scope to update": {ecwidtest.Options{Scopes: []string{"read_customers"}}, nil, "error    update_customers  Ecwid returned 403 INSUFFICIENT_APP_SCOPE: The token lacks the scope update_customers: give the app the scope update_customers, and use the new token", exitNotStarted, 4},
		"no group is found":  {ecwidtest.Options{AnyGroup: true}, nil, "skipped  update_customers  only a real update shows", exitGood, 3},
		"no scope for the profile": {
			ecwidtest.Options{Fault: at("GET", "/profile", ecwidtest.Status(403, "INSUFFICIENT_APP_SCOPE", ""))},
			nil,
			"warning  store             1003: its name and plan are unknown", exitNotGood, 4,
		},
		"a proxy's page":  {ecwidtest.Options{Fault: always(ecwidtest.HTML(200))}, nil, "error    address           Ecwid returned 200 with a web page: this response is not from Ecwid's API: check the address (--api)", exitNotStarted, 1},
		"a page with 502": {ecwidtest.Options{Fault: always(ecwidtest.HTML(502))}, nil, "error    address           Ecwid returned 502 with a web page: this response is not", exitNotStarted, 1},
		"a redirect":      {ecwidtest.Options{Fault: always(ecwidtest.Redirect("https://example.com/"))}, nil, "error    address           Ecwid returned 307: a redirect to https://example.com/: this response is not", exitNotStarted, 1},
		"no response":     {ecwidtest.Options{Fault: always(ecwidtest.Reset())}, nil, "check the network and the address of the API (--api)", exitNotStarted, 1},
		"half a response": {ecwidtest.Options{Fault: always(ecwidtest.HalfBody())}, nil, "error    address           no usable response from", exitNotStarted, 1},
		"echoed token":    {ecwidtest.Options{Fault: always(ecwidtest.Status(403, "", testToken))}, nil, "error    token             Ecwid returned 403: [token]", exitNotStarted, 1},
		"rate limited":    {ecwidtest.Options{Fault: always(ecwidtest.RateLimited("7"))}, nil, "warning  store             Ecwid returned 429 RATE_LIMITED: Too many requests: another program uses up the quota", exitNotGood, 1},
		"internal error":  {ecwidtest.Options{Fault: always(ecwidtest.Status(500, "", ""))}, nil, "warning  store             Ecwid returned 500 (Internal Server Error): try again later", exitNotGood, 1},
		"scopes":          {ecwidtest.Options{Fault: always(ecwidtest.RateLimited("7"))}, nil, "skipped  scopes            not checked, because of the finding above", exitNotGood, 1},
		"unclear update":  {ecwidtest.Options{Fault: at("PUT", "", ecwidtest.Status(503, "", ""))}, nil, "skipped  update_customers  only a real update shows", exitGood, 4},
		"clock behind":    {ecwidtest.Options{Fault: dated(10*time.Minute + 2*time.Second)}, nil, "warning  clock             this machine's clock is 10m", exitNotGood, 4},
		"clock ahead":     {ecwidtest.Options{Fault: dated(-10*time.Minute - 3*time.Second)}, nil, "warning  clock             this machine's clock is 10m", exitNotGood, 4},
		"a higher rate":   {ecwidtest.Options{}, []string{"--rate", "20/s"}, "warning  pace              10000 rows at 20/s", exitNotGood, 4},
		"wrong flags":     {ecwidtest.Options{}, []string{"--rate", "fast"}, "error    settings          the rate \"fast\" is not", exitNotStarted, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.store.Token == "" {
				tt.store.Token = testToken
			}
			tt.store.Groups = sandboxStore().Groups
			server := ecwidtest.NewServer(tt.store)
			defer server.Close()
			before := server.Groups()
			out, code := doctorOn(t, server.URL, tt.args...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if !strings.Contains(out, tt.want) {
				t.Errorf("it lacks %q:\n%s", tt.want, out)
			}
			if n := len(server.Requests()); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
			for _, r := range server.Requests() {
				if r.Method == "PUT" && (r.Status < 400 || r.Body != "{}") {
					t.Errorf("%s %s %s got %d", r.Method, r.Path, r.Body, r.Status)
				}
			}
			if diff := cmp.Diff(before, server.Groups()); diff != "" && !tt.store.AnyGroup {
				t.Error(diff)
			}
		})
	}
}

// selfSigned returns a certificate for an address that is valid until the given time.
func selfSigned(t *testing.T, address net.IP, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		IPAddresses:  []net.IP{address},
		NotBefore:    time.Now().AddDate(0, 0, -2),
		NotAfter:     until,
	}
	data, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{data}, PrivateKey: key}
}

func TestDoctorCertificates(t *testing.T) {
	for name, tt := range map[string]struct {
		certificates []tls.Certificate // none: that of httptest, which no system trusts
		want         string
	}{
		"expired":    {[]tls.Certificate{selfSigned(t, net.IPv4(127, 0, 0, 1), time.Now().AddDate(0, 0, -1))}, "check this machine's clock, which says "},
		"other host": {[]tls.Certificate{selfSigned(t, net.IPv4(127, 0, 0, 2), time.Now().AddDate(0, 0, 1))}, "the certificate is for another host: check the address of the API (--api)"},
		"unknown":    {nil, "if the certificate is from a private certificate authority, set $SSL_CERT_FILE to the file of its certificates"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = &tls.Config{Certificates: tt.certificates}
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			defer server.Close()
			out, code := doctorOn(t, server.URL)
			if code != exitNotStarted || !strings.Contains(out, "error    address ") || !strings.Contains(out, tt.want) {
				t.Errorf("exit code %d, and the output is\n%s", code, out)
			}
		})
	}
}

// doctor checks whether the files of a run can be written, and leaves no file behind.
func TestDoctorTargets(t *testing.T) {
	server := ecwidtest.NewServer(ecwidtest.Options{Token: testToken})
	defer server.Close()
	gateway := httptest.NewServer(http.NotFoundHandler())
	defer gateway.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "groups.csv")
	results := filepath.Join(dir, "groups.results.csv")
	if err := os.WriteFile(file, []byte("groupId,name\n1,VIP\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(dir, "locked.csv")
	unlock, ok, err := journal.LockResults(locked)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	for name, tt := range map[string]struct {
		args []string
		want string
		code int
	}{
		"locked":            {[]string{"--results", locked}, "error    lock              another run", exitNotStarted},
		"results":           {nil, "ok       results           " + results + " can be written", exitGood},
		"no folder":         {[]string{"--results", filepath.Join(dir, "none", "r.csv")}, "check the folder and its permissions, or name another file with --results", exitNotStarted},
		"a folder":          {[]string{"--results", filepath.Join(dir, "folder")}, "error    results           the results ", exitNotStarted},
		"standard output":   {[]string{"--results", "-"}, "ok       results           on standard output", exitGood},
		"the input":         {[]string{"--results", file}, "error    files             the input " + file, exitNotStarted},
		"summary":           {[]string{"--summary", filepath.Join(dir, "none", "s.json")}, "or name another file with --summary", exitNotStarted},
		"metrics":           {[]string{"--metrics", filepath.Join(dir, "folder")}, "error    metrics           --metrics ", exitNotStarted},
		"no gateway":        {[]string{"--metrics", "http://127.0.0.1:1"}, "warning  metrics           the Pushgateway http://127.0.0.1:1 does not respond", exitNotGood},
		"a gateway":         {[]string{"--metrics", strings.Replace(gateway.URL, "http://", "http://me:sekret@", 1)}, "responds", exitGood},
		"backup":            {[]string{"--backup", file}, "error    files             ", exitNotStarted},
		"a backup's folder": {[]string{"--backup", filepath.Join(dir, "none", "b.csv")}, "error    backup            ", exitNotStarted},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := doctorOn(t, server.URL, append(tt.args, file)...)
			if code != tt.code || !strings.Contains(out, tt.want) || strings.Contains(out, "sekret") {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, tt.code, tt.want, out)
			}
		})
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("doctor left %v (%v)", entries, err)
	}
}
