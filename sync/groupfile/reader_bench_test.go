package groupfile

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// BenchmarkReader reads files of a hundred thousand rows. It reports rows/s and allocs/row.
func BenchmarkReader(b *testing.B) {
	const n = 100_000
	for _, bm := range []struct{ name, row string }{
		{"plain", "%d,Wholesale customers,erp-%06d\n"},
		{"quoted", "%d,\"Wholesale, \"\"domestic\"\"\",\"erp-%06d\"\n"},
		{"wide", "%d,Wholesale customers,erp-%06d" + strings.Repeat(",another column", 20) + "\n"},
		{"invalid", "%d.5,Wholesale customers,erp-%06d\n"},
		{"unclosed", "%d,\"Wholesale customers,erp-%06d\nx,y,z\n"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			var in bytes.Buffer
			in.WriteString("groupId,name,externalReferenceId\n")
			if bm.name == "wide" {
				in.Reset()
				in.WriteString("groupId,name,externalReferenceId" + strings.Repeat(",note", 20) + "\n")
			}
			for i := range n {
				fmt.Fprintf(&in, bm.row, i+1, i)
			}
			b.SetBytes(int64(in.Len()))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			total := 0
			for b.Loop() {
				r, err := NewReader(b.Context(), bytes.NewReader(in.Bytes()), ReaderOptions{})
				if err != nil {
					b.Fatal(err)
				}
				for {
					_, err := r.Next()
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					total++
				}
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(total), "allocs/row")
		})
	}
}
