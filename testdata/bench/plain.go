// Command plain sends the rows of a CSV file as the simplest Go program would: a pool of workers over net/http, the file
// read with encoding/csv, and the results in no particular order. It does not pace, retry, resume or check anything.
// The script testdata/bench/run compares groupsync with it.
//
//	ECWID_API_URL=… ECWID_STORE_ID=… ECWID_TOKEN=… plain FILE RESULTS
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
)

const workers = 50

func main() {
	input, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	output, err := os.Create(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: workers, MaxIdleConnsPerHost: workers}}
	rows, results := make(chan []string), make(chan []string, workers)
	var pool sync.WaitGroup
	for range workers {
		pool.Go(func() {
			for row := range rows {
				results <- append(row, put(client, row))
			}
		})
	}
	written := make(chan error)
	go func() {
		out := csv.NewWriter(output)
		for result := range results {
			out.Write(result)
		}
		out.Flush()
		written <- out.Error()
	}()
	reader := csv.NewReader(input)
	if _, err := reader.Read(); err != nil {
		log.Fatal(err)
	}
	for {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		rows <- row
	}
	close(rows)
	pool.Wait()
	close(results)
	if err := <-written; err != nil {
		log.Fatal(err)
	}
}

// put sends one row, and returns its status or what went wrong.
func put(client *http.Client, row []string) string {
	body, err := json.Marshal(map[string]string{"name": row[1], "externalReferenceId": row[2]})
	if err != nil {
		return err.Error()
	}
	url := fmt.Sprintf("%s/%s/customer_groups/%s", os.Getenv("ECWID_API_URL"), os.Getenv("ECWID_STORE_ID"), row[0])
	request, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("ECWID_TOKEN"))
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	var updated struct{ UpdateCount int }
	if err := json.NewDecoder(response.Body).Decode(&updated); err != nil {
		return err.Error()
	}
	return strconv.Itoa(response.StatusCode) + " " + strconv.Itoa(updated.UpdateCount)
}
