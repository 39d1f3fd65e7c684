// Package luapat matches Lua patterns (Lua 5.1 manual, section 5.4.1, with the
// frontier %f of later versions).
//
// The matcher of the Lua library that scripts run on cannot be stopped, copies
// its input, and gives up on long subjects. This one works on strings in place,
// asks a function of the caller's every few thousand steps whether to go on, and
// has no limit but the 32 captures of Lua itself.
package luapat
