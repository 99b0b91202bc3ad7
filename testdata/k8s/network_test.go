package k8s

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// reachable returns the ports that the policies of an overlay open for pods with these labels, and whether all other
// traffic is denied.
func reachable(t *testing.T, overlay string, pod map[string]string) (ports []string, closed bool) {
	t.Helper()
	for _, object := range build(t, overlay) {
		policy, ok := object.(*networkingv1.NetworkPolicy)
		if !ok {
			continue
		}
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil {
			t.Fatal(err)
		}
		if !selector.Matches(labels.Set(pod)) {
			continue
		}
		if len(policy.Spec.Ingress) > 0 {
			t.Errorf("%s: %s allows incoming traffic", overlay, policy.Name)
		}
		both := []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
		closed = closed || slices.Equal(policy.Spec.PolicyTypes, both) && len(policy.Spec.Egress) == 0
		for _, rule := range policy.Spec.Egress {
			to := ""
			for _, peer := range rule.To {
				to += " " + peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]
			}
			for _, port := range rule.Ports {
				ports = append(ports, fmt.Sprintf("%s %s%s", *port.Protocol, port.Port, to))
			}
		}
	}
	return ports, closed
}

// Pods can reach DNS and HTTPS, and the Pushgateway if they push to one. Pods that remove files can reach nothing.
func TestNetwork(t *testing.T) {
	for _, j := range allJobs(t) {
		var want []string
		if j.program.Args[0] == "sync" {
			want = []string{"TCP 443", "TCP 53", "UDP 53"}
		}
		if target := j.flag("--metrics"); target != "" {
			gateway, err := url.Parse(target)
			if err != nil {
				t.Fatal(err)
			}
			_, namespace, _ := strings.Cut(gateway.Hostname(), ".")
			want = append(want, "TCP "+gateway.Port()+" "+namespace)
		}
		got, closed := reachable(t, j.overlay, j.labels)
		slices.Sort(want)
		slices.Sort(got)
		if !closed || !slices.Equal(got, want) {
			t.Errorf("%s reaches %q, want %q; closed otherwise: %v", j.name, got, want, closed)
		}
	}
}
