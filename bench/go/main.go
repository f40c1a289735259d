// The rows of Go in the tables: `main ROW ITEMS [BUFFER]` prints what it measured as JSON, like child.ts.
//
//	pipeline  four goroutines, source → map → filter → scan, joined by three channels of BUFFER items each
//	jobs      a hundred goroutines that take jobs from one channel and send results into another
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	warm   = 300 * time.Millisecond
	enough = 600 * time.Millisecond
	atOnce = 100
)

func main() {
	row := os.Args[1]
	items, _ := strconv.Atoi(os.Args[2])
	buffer := 0
	if len(os.Args) > 3 {
		buffer, _ = strconv.Atoi(os.Args[3])
	}
	run := func(n int) int { return pipeline(n, buffer) }
	if row == "jobs" {
		run = jobs
	}
	start := time.Now()
	for time.Since(start) < warm {
		run(items / 10)
	}
	fastest := time.Duration(1 << 62)
	for first := time.Now(); time.Since(first) < enough; {
		began := time.Now()
		run(items)
		if took := time.Since(began); took < fastest {
			fastest = took
		}
	}
	printed, _ := json.Marshal(map[string]float64{
		"ns":  float64(fastest.Nanoseconds()) / float64(items),
		"rss": peakMemory(),
	})
	fmt.Print(string(printed))
}

// In megabytes. Linux alone tells it apart from what the process had that started this one.
func peakMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kB); n == 1 {
			return kB / 1024
		}
	}
	return 0
}

func pipeline(items, buffer int) int {
	source := make(chan int, buffer)
	mapped := make(chan int, buffer)
	filtered := make(chan int, buffer)
	go func() {
		for i := 0; i < items; i++ {
			source <- i
		}
		close(source)
	}()
	go func() {
		for n := range source {
			mapped <- n + 1
		}
		close(mapped)
	}()
	go func() {
		for n := range mapped {
			if n%3 != 0 {
				filtered <- n
			}
		}
		close(filtered)
	}()
	sum := 0
	for n := range filtered {
		sum += n
	}
	return sum
}

func jobs(items int) int {
	todo := make(chan int, 2*atOnce)
	results := make(chan int, 2*atOnce)
	go func() {
		for i := 0; i < items; i++ {
			todo <- i
		}
		close(todo)
	}()
	var workers sync.WaitGroup
	for w := 0; w < atOnce; w++ {
		workers.Add(1)
		go func() {
			for n := range todo {
				results <- n
			}
			workers.Done()
		}()
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	sum := 0
	for n := range results {
		sum += n
	}
	return sum
}
