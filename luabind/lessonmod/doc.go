// Package lessonmod is the Lua module of lessons: what a lesson file defines, and the
// checks of its steps.
package lessonmod
