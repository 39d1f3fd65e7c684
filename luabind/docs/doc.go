// Package docs writes what a [luabind.Library] has: the definitions for editors
// (LuaCATS), and the reference page.
package docs
