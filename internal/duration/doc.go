// Package duration reads lengths of time as people write them: with a unit, such as
// 90s or 1m30s, or as a bare number of seconds.
package duration
