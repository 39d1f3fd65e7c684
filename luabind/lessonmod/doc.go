// Package lessonmod is the Lua module for lessons. [LoadLesson] reads a lesson file;
// [Lesson.Done] and [Lesson.Remark] run the checks of its steps.
package lessonmod
