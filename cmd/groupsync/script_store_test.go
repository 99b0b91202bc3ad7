package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"groupsync/ecwid/ecwidtest"

	"github.com/rogpeppe/go-internal/testscript"
)

// storeOfScript is the store that a script has started: in the test, or by "groupsync sandbox".
type storeOfScript struct {
	*ecwidtest.Server
	stop func() error // nil: no sandbox was started
}

type storeKey struct{}

func storeOf(ts *testscript.TestScript) *storeOfScript { return ts.Value(storeKey{}).(*storeOfScript) }

// startStore starts a store on a loopback port, with the groups of the sandbox, and sets the script's environment for
// it. Its arguments are the options of the store.
func startStore(ts *testscript.TestScript, neg bool, args []string) {
	options := sandboxStore()
	options.Token = testToken
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		n, _ := strconv.Atoi(value)
		switch name {
		case "another-token": // not that of the script
			options.Token = "secret_another"
		case "token":
			options.Token = value
		case "no-read":
			options.Scopes = []string{"update_customers"}
		case "no-update":
			options.Scopes = []string{"read_customers"}
		case "named":
			options.StoreName = value
		case "zero-unchanged":
			options.ZeroUpdate = ecwidtest.ZeroWhenUnchanged
		case "zero-refused": // for this group
			options.ZeroUpdate, options.Refused = ecwidtest.ZeroRefused, []int32{int32(n)}
		case "page": // instead of every response
			options.Fault = func(ecwidtest.Request) ecwidtest.Fault { return ecwidtest.HTML(n) }
		case "redirect": // instead of every response
			options.Fault = func(ecwidtest.Request) ecwidtest.Fault { return ecwidtest.Redirect("https://example.com/login") }
		case "refused-from": // from this request on
			options.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
				if r.N < n {
					return ecwidtest.Fault{}
				}
				return ecwidtest.Status(http.StatusForbidden, "", "")
			}
		case "input-replaced": // new.csv takes the place of groups.csv while this request is in flight
			options.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
				if r.N != n {
					return ecwidtest.Fault{}
				}
				if err := os.Rename(ts.MkAbs("new.csv"), ts.MkAbs("groups.csv")); err != nil {
					return ecwidtest.Status(http.StatusForbidden, "", err.Error())
				}
				return ecwidtest.Fault{}
			}
		case "input-rewritten": // another program adds a row to groups.csv while this request is in flight
			options.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
				if r.N != n {
					return ecwidtest.Fault{}
				}
				f, err := os.OpenFile(ts.MkAbs("groups.csv"), os.O_APPEND|os.O_WRONLY, 0)
				if err == nil {
					_, err = f.WriteString("9367900,Staff,\n")
					err = errors.Join(err, f.Close())
				}
				if err != nil {
					return ecwidtest.Status(http.StatusForbidden, "", err.Error())
				}
				return ecwidtest.Fault{}
			}
		case "echo": // the token, as a careless server might
			options.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
				return ecwidtest.Status(n, "", "not allowed: "+r.Header.Get("Authorization"))
			}
		case "echo-malformed": // the token, in a response that is not HTTP
			options.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
				return ecwidtest.Raw("HTTP/1.1 " + options.Token + "\r\n\r\n")
			}
		case "echo-trailing": // the token, after the end of the response
			options.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
				return ecwidtest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"updateCount\":1}" + options.Token)
			}
		default:
			ts.Fatalf("a store has no option %s", arg)
		}
	}
	server := ecwidtest.NewServer(options)
	ts.Defer(server.Close)
	storeOf(ts).Server = server
	ts.Setenv("ECWID_API_URL", server.URL)
	ts.Setenv("ECWID_STORE_ID", server.Store())
	ts.Setenv("ECWID_TOKEN", testToken)
}

// printGroups prints the store's current groups, without the default one.
func printGroups(ts *testscript.TestScript, neg bool, args []string) {
	for _, g := range storeOf(ts).Groups()[1:] {
		fmt.Fprintf(ts.Stdout(), "%d %q %q\n", g.ID, g.Name, g.ExternalReferenceID)
	}
}

// printRequests prints the requests that reached the store, in order of arrival.
func printRequests(ts *testscript.TestScript, neg bool, args []string) {
	for _, r := range storeOf(ts).Requests() {
		line := fmt.Sprintf("%d %s %s %s", r.Status, r.Method, strings.TrimPrefix(r.Path, ecwidtest.Path), r.Body)
		fmt.Fprintln(ts.Stdout(), strings.TrimSpace(line))
	}
}

// startSandbox starts "groupsync sandbox" with the arguments, in place of the one that is running, and sets the
// environment that it prints. Without arguments it only ends the one that is running, which must exit with 0.
func startSandbox(ts *testscript.TestScript, neg bool, args []string) {
	running := storeOf(ts)
	if running.stop != nil {
		ts.Check(running.stop())
	}
	if len(args) == 0 {
		return
	}
	self, err := exec.LookPath("groupsync")
	ts.Check(err)
	command := exec.Command(self, append([]string{"sandbox"}, args...)...)
	command.Dir = ts.MkAbs(".")
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.StdoutPipe()
	ts.Check(err)
	ts.Check(command.Start())
	running.stop = sync.OnceValue(func() error {
		// Not SIGINT, which stays ignored if the tests were started with it ignored, such as in the background of a script.
		return errors.Join(command.Process.Signal(syscall.SIGTERM), command.Wait())
	})
	ts.Defer(func() { running.stop() })
	lines := bufio.NewScanner(out)
	for range 4 {
		lines.Scan()
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			running.stop()
			ts.Fatalf("the sandbox printed %q, and %s", lines.Text(), &stderr)
		}
		ts.Setenv(name, value)
	}
}

// put PATH BODY sends the request "Update customer group" from Ecwid's documentation, and prints the status and the body
// of the response. PATH is relative to the address of the store.
func put(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: put PATH BODY")
	}
	address := ts.Getenv("ECWID_API_URL") + "/" + ts.Getenv("ECWID_STORE_ID") + args[0]
	request, err := http.NewRequest(http.MethodPut, address, strings.NewReader(args[1]))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+ts.Getenv("ECWID_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s\n", response.StatusCode, body)
}
