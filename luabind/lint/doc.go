// Package lint looks at scripts without running them: names, arguments, options and
// conditions that cannot be right. What exists it reads from a [luabind.Library].
package lint
