// Package taskmod is the Lua module of tasks: functions that run next to each other while
// they wait, and what their results and times were.
package taskmod
