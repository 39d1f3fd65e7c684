// Command figures runs the benchmarks of the packages and compares them with those of
// the last release, which are in bench/figures.txt: benchstat shows times, and
// allocations decide, because they are the same on every machine.
//
//	go run ./bench/figures          compare
//	go run ./bench/figures -quick   allocations only, as CI does
//	go run ./bench/figures -write   write the figures anew, for a release
package main
