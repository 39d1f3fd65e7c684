// Package lint checks scripts without running them: names, arguments, options and
// conditions that cannot be right. It gets the existing names from a [luabind.Library].
// Begin with [Check].
package lint
