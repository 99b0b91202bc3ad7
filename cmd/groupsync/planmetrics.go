package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"groupsync/sync/plan"

	"github.com/prometheus/client_golang/prometheus"
)

// newPlanMetrics returns the metrics of a plan. They are separate from the metrics of a run, so that neither replaces the
// other, on a Pushgateway or in a file: see [metrics.checkOwner].
func newPlanMetrics(target, store string) *metrics {
	return &metrics{target: target, store: store, all: prometheus.NewRegistry()}
}

// sendPlan writes or pushes the metrics of a plan that was made at the given time. A push ends with ctx.
func (m *metrics) sendPlan(ctx context.Context, t plan.Totals, at time.Time) error {
	if m == nil {
		return nil
	}
	m.byStatus("groupsync_plan_rows", "Rows of the file by the status that a run would give them, as of the last plan.", t.Rows)
	m.gauge(planMetric, "Updates that a run would send, as of the last plan: 0 if the store matches the file.", float64(t.Puts))
	m.gauge("groupsync_plan_timestamp_seconds", "When the last plan was made.", float64(at.Unix()))
	return m.write(ctx)
}

// checkOwner returns an error if the file of the metrics contains a metric that only another command writes: this
// command would replace it.
func (m *metrics) checkOwner(metric, command string) error {
	if info, err := os.Stat(m.file()); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	data, err := os.ReadFile(m.file())
	if err != nil || !bytes.Contains(data, []byte("# TYPE "+metric+" ")) {
		return nil
	}
	return fmt.Errorf("--metrics %s has the metrics of %s: name another file", m.target, command)
}
