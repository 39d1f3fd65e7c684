// Package load runs a script as load on a server and tells how the server bore it.
//
// A [Plan] says how many sessions there are and when runs of the script begin. In the
// closed model each session begins its next run when the last one is over: a slow
// server gets less to do, and the latencies look better than what users would meet.
// In the open model runs arrive at a rate, whether the server keeps up or not, and
// latencies are counted from the moment at which a run should have begun, so that a
// server that stalls shows (the mistake that this avoids is known as coordinated
// omission).
//
// Sessions are spread over workers: an interpreter each, one for each core. What happens
// in a session reaches the worker's [Recorder] as events, the same ones that transcripts
// are made of; it keeps HdrHistograms of three significant digits. At the end a
// [Report] holds all that was counted; it is written as text, as JSON or as a page with
// plots, and [Expectation]s are held against it.
//
// What the client itself costs is part of the report: when its processors are busy,
// the figures tell of the client.
package load
