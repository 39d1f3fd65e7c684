// Package load runs a script in many sessions at once and reports rates and latencies.
// Begin with [Run].
//
// A [Plan] sets the number of sessions and when runs of the script begin. In the closed
// model each session begins its next run when its previous one has ended. A slow server then
// receives less load, and the latencies look better than those of real users. In the open
// model runs arrive at a fixed rate, and latencies count from the planned start of a run.
// This avoids the error known as coordinated omission.
//
// Sessions are distributed over workers. A worker is one Lua interpreter; there is one for
// each core. The worker's [Recorder] receives the events of its sessions and records them
// in HdrHistograms with three significant digits. The [Report] is written as text, JSON or
// an HTML page with plots. An [Expectation] compares a figure of it with a limit.
//
// The report includes the resources that the client used: a busy client limits the figures.
package load
