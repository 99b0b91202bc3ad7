package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"groupsync/sync"
	"groupsync/sync/atomicfile"
	"groupsync/sync/journal"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// metrics are the metrics of a run for Prometheus. Names and units follow its conventions:
// https://prometheus.io/docs/practices/naming and /docs/practices/instrumentation/#batch-jobs.
// What each run counts from zero is a gauge: rate() of a counter that is reset every night would be misleading.
// The methods of a nil *metrics do nothing.
type metrics struct {
	target string
	store  string

	all      *prometheus.Registry
	requests *prometheus.GaugeVec
	duration prometheus.Histogram
}

const (
	lastSuccess = "groupsync_last_success_timestamp_seconds"
	// runMetric is among the metrics of each run, planMetric among those of each plan.
	runMetric, planMetric = "groupsync_exit_code", "groupsync_plan_changes"
	// pushTimeout is the time limit for a push to a Pushgateway.
	pushTimeout = 5 * time.Second
)

func newMetrics(target, store string) *metrics {
	m := &metrics{
		target: target,
		store:  store,
		all:    prometheus.NewRegistry(),
		requests: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "groupsync_requests",
			Help: "Requests of the last run by the HTTP status of the response; none if there was no response.",
		}, []string{"code"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "groupsync_request_duration_seconds",
			Help:    "Time from a request of the last run to its response.",
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
	m.all.MustRegister(m.requests, m.duration)
	return m
}

// gateway returns the address of the Pushgateway, or nil if the target is a file.
func (m *metrics) gateway() (*url.URL, error) {
	if !strings.HasPrefix(m.target, "http://") && !strings.HasPrefix(m.target, "https://") {
		return nil, nil
	}
	u, err := url.Parse(m.target)
	if err != nil || u.Host == "" {
		return nil, errors.New("--metrics is not the address of a Pushgateway, such as http://pushgateway:9091")
	}
	return u, nil
}

// check returns an error if the target is invalid. It does not use the target.
func (m *metrics) check() error {
	if m == nil {
		return nil
	}
	_, err := m.gateway()
	return err
}

// file returns the path of the target, or "" if it is not a file.
func (m *metrics) file() string {
	if m == nil {
		return ""
	}
	if u, err := m.gateway(); u != nil || err != nil {
		return ""
	}
	return m.target
}

// instrument returns a function that wraps a transport to observe its requests, or nil if there are no metrics.
func (m *metrics) instrument() func(http.RoundTripper) http.RoundTripper {
	if m == nil {
		return nil
	}
	return func(next http.RoundTripper) http.RoundTripper { return observed{next, m} }
}

// observed counts and times the requests that next sends.
type observed struct {
	next http.RoundTripper
	m    *metrics
}

func (o observed) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := o.next.RoundTrip(req)
	code := "none"
	if err == nil {
		code = strconv.Itoa(resp.StatusCode)
		o.m.duration.Observe(time.Since(began).Seconds())
	}
	o.m.requests.WithLabelValues(code).Inc()
	return resp, err
}

// gauge adds a metric with one value.
func (m *metrics) gauge(name, help string, value float64) {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	g.Set(value)
	m.all.MustRegister(g)
}

// byStatus adds a metric with a number of rows for each status.
func (m *metrics) byStatus(name, help string, counts map[journal.Status]int) {
	rows := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"status"})
	m.all.MustRegister(rows)
	for _, status := range journal.Statuses() {
		rows.WithLabelValues(string(status)).Set(float64(counts[status]))
	}
}

// addSummary adds the metrics of the summary.
func (m *metrics) addSummary(s sync.Summary, code int) {
	m.byStatus("groupsync_rows", "Rows in the results of the last run by status.", s.Rows)
	m.gauge("groupsync_retries", "Requests of the last run that repeated a request of unknown outcome.", float64(s.Retries))
	m.gauge("groupsync_pauses", "How often the store paused the last run with a 429.", float64(s.Pauses))
	m.gauge("groupsync_quota_wait_seconds", "How long the last run waited for the store's quota, or in a pause.", s.Waited.Seconds())
	m.gauge("groupsync_duration_seconds", "How long the last run took.", s.Elapsed.Seconds())
	m.gauge(runMetric, "Exit code of the last run: 0 if every row is good.", float64(code))
	ended := float64(s.Started.Add(s.Elapsed).Unix())
	m.gauge("groupsync_last_completion_timestamp_seconds", "When the last run ended, however it ended.", ended)
	success := ended
	if code != exitGood || noRows(s) {
		success = m.earlierSuccess()
	}
	// A Pushgateway keeps the value that is not pushed. A file has 0 until the first success, so that an alert on the age fires.
	if success > 0 || m.file() != "" {
		m.gauge(lastSuccess, "End of the last run whose rows were all good, 0 if there was none. A run without rows does not count.", success)
	}
}

// earlierSuccess returns the time of the last success in the file that is about to be replaced, or 0.
func (m *metrics) earlierSuccess() float64 {
	f, err := os.Open(m.target)
	if err != nil {
		return 0
	}
	defer f.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(f)
	if err != nil {
		return 0
	}
	for _, metric := range families[lastSuccess].GetMetric() {
		for _, label := range metric.GetLabel() {
			if label.GetName() == "store" && label.GetValue() == m.store {
				return metric.GetGauge().GetValue()
			}
		}
	}
	return 0
}

// send writes the metrics of a run, or pushes them; a push ends with ctx. An error does not affect the rows.
func (m *metrics) send(ctx context.Context, s sync.Summary, code int) error {
	if m == nil || m.check() != nil {
		return nil
	}
	m.addSummary(s, code)
	return m.write(ctx)
}

// write writes the metrics, or pushes them; a push ends with ctx.
func (m *metrics) write(ctx context.Context) error {
	u, _ := m.gateway()
	if u == nil {
		labelled := prometheus.NewRegistry()
		if err := prometheus.WrapRegistererWith(prometheus.Labels{"store": m.store}, labelled).Register(m.all); err != nil {
			return err
		}
		if err := atomicfile.ReplaceFile(m.target, func(out io.Writer) error { return writeText(out, labelled) }); err != nil {
			return fmt.Errorf("the metrics cannot be written: %w", err)
		}
		return nil
	}
	user := u.User
	u.User = nil // keeps the password out of errors
	pusher := push.New(u.String(), "groupsync").Grouping("store", m.store).Gatherer(m.all).
		Client(&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }})
	if user != nil {
		password, _ := user.Password()
		pusher.BasicAuth(user.Username(), password)
	}
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	if err := pusher.AddContext(ctx); err != nil {
		// The response may be a whole web page.
		return fmt.Errorf("the metrics cannot be pushed and are lost, which does not affect the rows: %s", truncate(printable(err.Error()), 500))
	}
	return nil
}

// writeText writes the metrics in the text format.
func writeText(out io.Writer, from prometheus.Gatherer) error {
	families, err := from.Gather()
	for _, family := range families {
		_, writeErr := expfmt.MetricFamilyToText(out, family)
		err = errors.Join(err, writeErr)
	}
	return err
}
