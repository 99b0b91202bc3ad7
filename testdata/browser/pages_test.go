// Package browser tests in Chromium the pages that groupsync writes. If Chromium is not installed, it tests nothing; the
// tests of cmd/groupsync parse the pages in any case.
package browser

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// screenshots is the folder for screenshots of the pages, for a person to look at.
var screenshots = flag.String("screenshots", "", "write screenshots of the pages to this folder")

// hostile contains cells that would change a page that does not escape them.
var hostile = []string{
	"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><style>*{display:none}</style>", "<!--", "]]>",
	`" onmouseover="alert(1)`, "javascript:alert(1)", "\u202egnp.exe", "Names  with spaces ", strings.Repeat("<b>x", 16<<10), "&lt;b&gt;",
}

// browser returns the path of Chromium, or "".
func browser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// TestPages opens both pages with hostile cells: nothing is loaded, nothing runs, and filter and search work.
func TestPages(t *testing.T) {
	if browser() == "" {
		fmt.Println("chromium is not installed: the pages are not opened in a browser")
		return
	}
	for name, path := range writePages(t) {
		t.Run(name, func(t *testing.T) {
			ctx, seen := open(t, path)
			t.Run("text", func(t *testing.T) { checkText(t, ctx) })
			t.Run("search", func(t *testing.T) { checkSearch(t, ctx) })
			t.Run("roles", func(t *testing.T) { checkRoles(t, ctx) })
			if problems := seen.problems(); len(problems) > 0 {
				t.Errorf("the page did more than show its rows:\n%s", strings.Join(problems, "\n"))
			}
		})
		t.Run(name+" without JavaScript", func(t *testing.T) { checkWithoutJavaScript(t, path) })
	}
}

// checkText checks that hostile cells are shown as text, and create no elements.
func checkText(t *testing.T, ctx context.Context) {
	elements := evaluate[int](t, ctx, `document.querySelectorAll("img, a, iframe, object, embed, link, base, form[action], script:not(:last-child), style ~ style").length`)
	text := evaluate[string](t, ctx, `document.querySelector("table").textContent`)
	if elements > 0 {
		t.Errorf("the page has %d elements that its template does not have", elements)
	}
	for _, cell := range []string{hostile[0], hostile[1], hostile[2], hostile[3], hostile[5]} {
		if !strings.Contains(text, cell) {
			t.Errorf("the page does not show %q as text", cell)
		}
	}
	if strings.Contains(text, "\u202e") {
		t.Error("the page has a right-to-left override")
	}
}

const visibleRows = `Array.from(document.querySelectorAll("[data-row]")).filter(r => r.offsetParent !== null).length`

// checkSearch checks the search, with the keyboard alone, and the filter.
func checkSearch(t *testing.T, ctx context.Context) {
	all := evaluate[int](t, ctx, visibleRows)
	do(t, ctx, chromedp.KeyEvent(kb.Tab))
	focused := evaluate[string](t, ctx, `document.activeElement.type`)
	do(t, ctx, chromedp.KeyEvent("</STYLE>"))
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](visibleRows+` === 1`)); err != nil {
		t.Fatal(err)
	}
	shown := evaluate[string](t, ctx, `document.querySelector("output").textContent`)
	// A search finds a row by the value in the file, and by the text on the page.
	for _, text := range []string{"with spaces ", "erp-008"} {
		found := evaluate[int](t, ctx, fmt.Sprintf(`(() => {
			document.querySelector("input").value = %q;
			document.querySelector("select").dispatchEvent(new Event("change"));
			return %s;
		})()`, text, visibleRows))
		if found != 1 {
			t.Errorf("the search for %q shows %d rows", text, found)
		}
	}
	filter := `(() => {
		const search = document.querySelector("input"), status = document.querySelector("select");
		search.value = "";
		status.selectedIndex = 1;
		status.dispatchEvent(new Event("change"));
		return status.value;
	})()`
	status := evaluate[string](t, ctx, filter)
	filtered := evaluate[int](t, ctx, visibleRows)
	rows := evaluate[int](t, ctx, fmt.Sprintf(`document.querySelectorAll('[data-row="%s"]').length`, status))
	if focused != "search" {
		t.Errorf("the first Tab leads to %q, want the search", focused)
	}
	if shown != fmt.Sprintf("1 of %d rows", all) {
		t.Errorf("the search shows 1 row of %d, and its text is %q", all, shown)
	}
	if filtered != rows || filtered == 0 {
		t.Errorf("the filter %q shows %d rows, want %d of %d", status, filtered, rows, all)
	}
}

// checkRoles checks what a screen reader gets, on a wide screen and on a narrow one, where the table is laid out as a list.
func checkRoles(t *testing.T, ctx context.Context) {
	for _, width := range []int64{1280, 390} {
		do(t, ctx, chromedp.EmulateViewport(width, 900))
		tree, err := chromedp.Run(ctx, func(ctx context.Context, tab *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
			return cdp.Call(ctx, tab, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		})
		if err != nil {
			t.Fatal(err)
		}
		names := map[string][]string{}
		for _, n := range tree.Nodes {
			if n.Role == nil || n.Ignored {
				continue
			}
			role, name := string(n.Role.Value), ""
			if n.Name != nil {
				name = string(n.Name.Value)
			}
			names[strings.Trim(role, `"`)] = append(names[strings.Trim(role, `"`)], strings.Trim(name, `"`))
		}
		for role, want := range map[string]string{"table": "", "row": "", "rowheader": "", "columnheader": "Line", "searchbox": "Search", "combobox": "Status", "search": "Rows", "image": " "} {
			if len(names[role]) == 0 || !strings.Contains(strings.Join(names[role], "\n"), want) {
				t.Errorf("%d pixels: the accessibility tree has %q as %s, want %q", width, names[role], role, want)
			}
		}
		if name := names["table"]; len(name) != 1 || name[0] == "" {
			t.Errorf("%d pixels: the table's name is %q", width, name)
		}
	}
}

// checkWithoutJavaScript checks that the page shows all of its rows without JavaScript, and hides what needs it.
func checkWithoutJavaScript(t *testing.T, path string) {
	ctx, _ := newTab(t)
	do(t, ctx, call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}), chromedp.Navigate("file://"+path))
	tools := evaluate[bool](t, ctx, `document.querySelector(".tools").offsetParent === null`)
	rows := evaluate[bool](t, ctx, `Array.from(document.querySelectorAll("[data-row]")).every(r => r.offsetParent !== null)`)
	count := evaluate[int](t, ctx, visibleRows)
	if !tools || !rows || count == 0 {
		t.Errorf("without JavaScript: tools hidden %v, all rows shown %v, %d rows", tools, rows, count)
	}
}

// TestLayout checks that no page is wider than its screen, and writes screenshots if asked to.
func TestLayout(t *testing.T) {
	if browser() == "" {
		return
	}
	for name, path := range writePages(t) {
		ctx, _ := open(t, path)
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				do(t, ctx, chromedp.EmulateViewport(width, 900),
					call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
				page := evaluate[int64](t, ctx, `document.documentElement.scrollWidth`)
				caption := evaluate[int64](t, ctx, `document.querySelector("caption").offsetWidth`)
				if page > width {
					t.Errorf("%s, %s: the page is %d pixels wide on a screen of %d", name, scheme, page, width)
				}
				if caption < width-100 && width < 500 {
					t.Errorf("%s, %s: the caption is %d pixels wide on a screen of %d", name, scheme, caption, width)
				}
				screenshot(t, ctx, fmt.Sprintf("%s-%s-%d", name, scheme, width))
			}
		}
	}
}

// TestPrint checks that a page prints as a table with dark text on white paper, also from a dark screen.
func TestPrint(t *testing.T) {
	if browser() == "" {
		return
	}
	const a4 = 718 // pixels between the margins
	for name, path := range writePages(t) {
		ctx, _ := open(t, path)
		do(t, ctx, chromedp.EmulateViewport(a4, 1000),
			call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}))
		if got, want := evaluate[string](t, ctx, `(() => {
			const body = getComputedStyle(document.body), tools = getComputedStyle(document.querySelector(".tools"));
			return [body.color, body.backgroundColor, tools.display, getComputedStyle(document.querySelector("table")).display].join("; ");
		})()`), "rgb(0, 0, 0); rgb(255, 255, 255); none; table"; got != want {
			t.Errorf("%s prints as %s, want %s", name, got, want)
		}
		if got := evaluate[int](t, ctx, `document.documentElement.scrollWidth`); got > a4 {
			t.Errorf("%s is %d pixels wide on paper", name, got)
		}
		screenshot(t, ctx, name+"-print")
	}
}

// TestManyRows opens the results of 10,000 rows, and logs how long that takes.
func TestManyRows(t *testing.T) {
	if browser() == "" {
		return
	}
	dir := t.TempDir()
	var results strings.Builder
	results.WriteString("line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n")
	for i := range 10_000 {
		fmt.Fprintf(&results, "%d,%d,Customers of region %d,erp-%05d,updated,1,200,1,,1003\n", i+2, 9_000_000+i, i, i)
	}
	if err := os.WriteFile(filepath.Join(dir, "many.results.csv"), []byte(results.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	groupsync(t, dir, "show", "many.results.csv", "--html", "many.html")
	ctx, _ := open(t, filepath.Join(dir, "many.html"))
	t.Logf("10,000 rows are complete after %.0f ms", evaluate[float64](t, ctx, `performance.getEntriesByType("navigation")[0].domComplete`))
	t.Logf("its first rows are painted after %.0f ms", evaluate[float64](t, ctx, `performance.getEntriesByName("first-contentful-paint")[0].startTime`))
	t.Logf("a search takes %.0f ms", evaluate[float64](t, ctx, `(() => {
		const start = performance.now(), status = document.querySelector("select");
		document.querySelector("input").value = "region 99";
		status.dispatchEvent(new Event("change"));
		document.body.offsetHeight;
		return performance.now() - start;
	})()`))
	if got := evaluate[string](t, ctx, `document.querySelector("output").textContent`); got != "111 of 10000 rows" {
		t.Errorf("the search says %q", got)
	}
}

// screenshot writes what a tab shows, if asked to.
func screenshot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

// do runs actions in a tab.
func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// evaluate returns the value of a JavaScript expression in a tab.
func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// call is the action that sends a command of the DevTools protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, command, params)
		return err
	})
}

// open opens a page in a tab of a browser of its own.
func open(t *testing.T, path string) (context.Context, *observer) {
	t.Helper()
	ctx, seen := newTab(t)
	seen.page = "file://" + path
	do(t, ctx, chromedp.Navigate(seen.page))
	return ctx, seen
}

// newTab starts a browser with an empty profile that makes no requests of its own.
func newTab(t *testing.T) (context.Context, *observer) {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(browser()), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	seen := &observer{}
	do(t, ctx, call(log.Enable, cdp.Empty{}), call(network.Enable, network.EnableParams{}), call(runtime.Enable, cdp.Empty{}), call(page.Enable, page.EnableParams{}))
	if err := chromedp.Listen(ctx, seen.event); err != nil {
		t.Fatal(err)
	}
	return ctx, seen
}

// observer records what a page must not do: requests, console output, exceptions, log entries and dialogs.
type observer struct {
	page string
	mu   sync.Mutex
	all  []string
}

func (o *observer) event(event any) {
	problem := ""
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Request.URL != o.page {
			problem = "request for " + e.Request.URL
		}
	case *runtime.EventConsoleAPICalled:
		problem = "console: " + string(e.Type)
	case *runtime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		problem = "log: " + e.Entry.Text
	case *page.EventJavascriptDialogOpening:
		problem = "dialog: " + e.Message
	}
	if problem != "" {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.all = append(o.all, problem)
	}
}

func (o *observer) problems() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all
}

// writePages lets groupsync write the pages of a file with hostile cells, and returns their paths.
func writePages(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "hostile.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewWriter(f)
	rows.Write([]string{"groupId", "name", "externalReferenceId"})
	for i, cell := range hostile {
		rows.Write([]string{fmt.Sprint(9367001 + i), cell, fmt.Sprintf("erp-0%02d", i)})
	}
	rows.Write([]string{hostile[1], "VIP", hostile[0]})
	rows.Flush()
	if err := errors.Join(rows.Error(), f.Close()); err != nil {
		t.Fatal(err)
	}
	groupsync(t, dir, "plan", "--sandbox", "hostile.csv", "--html", "plan.html")
	groupsync(t, dir, "sync", "--sandbox", "hostile.csv")
	groupsync(t, dir, "show", "hostile.sandbox.results.csv", "--html", "results.html")
	return map[string]string{"plan": filepath.Join(dir, "plan.html"), "results": filepath.Join(dir, "results.html")}
}

// groupsync builds the program and runs it in a folder.
func groupsync(t *testing.T, dir string, args ...string) {
	t.Helper()
	program := filepath.Join(dir, "groupsync")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "../..", "-o", program, "./cmd/groupsync").CombinedOutput(); err != nil {
		t.Fatalf("building groupsync: %v\n%s", err, out)
	}
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	// The file with hostile cells has rows that cannot be sent.
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatalf("groupsync %q: %v\n%s", args, err, out)
	}
}
