// Command groupsync brings the customer groups of an Ecwid store in line with a CSV file.
package main

import "os"

func main() {
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
