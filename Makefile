# Run the benchmarks of the packages and compare them with the figures of the last release.
bench:
	go run ./bench/figures

# Compare whole programs with smtp-source, swaks and curl, and write docs/performance.md.
performance:
	go run ./bench

.PHONY: bench performance
