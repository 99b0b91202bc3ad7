package sync_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	stdsync "sync"
	"testing"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

const (
	benchRows    = 20_000
	benchWorkers = 50
)

// benchFile returns an input with a number of good rows, each of a different group.
func benchFile(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("groupId,name,externalReferenceId\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,\"Customers, group %d\",erp-%07d\n", i+1, i+1, i+1)
	}
	return b.Bytes()
}

// BenchmarkJob alternates between the whole job and the simplest program that sends the same PUTs. The ratio of their
// times is the cost of pacing, order, journal and the rest. It must be at most 1.3.
func BenchmarkJob(b *testing.B) {
	file := benchFile(benchRows)
	server := ecwidtest.NewServer(ecwidtest.Options{AnyGroup: true, Discard: true})
	defer server.Close()
	results := b.TempDir() + "/results.csv"
	var job, plain time.Duration
	for b.Loop() {
		began := time.Now()
		runJob(b, server, file, results)
		job += time.Since(began)
		began = time.Now()
		runPlain(b, server, file)
		plain += time.Since(began)
	}
	rows := float64(benchRows) * float64(b.N)
	b.ReportMetric(rows/job.Seconds(), "rows/s")
	b.ReportMetric(rows/plain.Seconds(), "plain-rows/s")
	b.ReportMetric(job.Seconds()/plain.Seconds(), "ratio")
}

func runJob(b *testing.B, server *ecwidtest.Server, file []byte, results string) {
	token, err := ecwid.NewToken(server.Token())
	if err != nil {
		b.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{Store: server.Store(), Token: token, BaseURL: server.URL, Connections: benchWorkers})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	input, err := groupfile.NewInput(b.Context(), bytes.NewReader(file), groupfile.ReaderOptions{Name: "bench.csv"})
	if err != nil {
		b.Fatal(err)
	}
	job := sync.Job{
		Input: input, Client: client,
		Results:     journal.Results{Path: results, Overwrite: true, StoreID: server.Store()},
		Rate:        quota.Rate{Requests: 1_000_000, Window: time.Second},
		Concurrency: benchWorkers,
		Timeout:     30 * time.Second,
		MaxAttempts: 5,
		MaxOutage:   time.Minute,
	}
	summary, err := job.Run(b.Context())
	if err != nil || summary.Rows[journal.Updated] != benchRows {
		b.Fatal(summary, err)
	}
}

// runPlain sends the rows of the file from a number of workers, and does nothing else.
func runPlain(b *testing.B, server *ecwidtest.Server, file []byte) {
	client := http.Client{Transport: &http.Transport{MaxConnsPerHost: benchWorkers, MaxIdleConnsPerHost: benchWorkers}}
	defer client.CloseIdleConnections()
	rows := make(chan []string)
	var workers stdsync.WaitGroup
	for range benchWorkers {
		workers.Go(func() {
			for row := range rows {
				if err := putPlain(&client, server, row); err != nil {
					b.Error(err)
				}
			}
		})
	}
	reader := csv.NewReader(bytes.NewReader(file))
	if _, err := reader.Read(); err != nil {
		b.Fatal(err)
	}
	for {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		rows <- row
	}
	close(rows)
	workers.Wait()
}

func putPlain(client *http.Client, server *ecwidtest.Server, row []string) error {
	body, err := json.Marshal(map[string]string{"name": row[1], "externalReferenceId": row[2]})
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPut, server.URL+"/"+server.Store()+"/customer_groups/"+row[0], bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+server.Token())
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("got the status %d", response.StatusCode)
	}
	return nil
}
