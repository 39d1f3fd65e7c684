// Package taskmod is the Lua module for tasks: functions that run concurrently while they
// wait, with their results and times. Begin with [Module].
package taskmod
