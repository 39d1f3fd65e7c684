package filemod

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/readfile"
	"smtpsh/luabind"
)

// maxOpen limits the files that a script has open at once.
const maxOpen = 100

// File is an open file of a script. Any number of readers can be used at once.
type File struct {
	f      *os.File
	name   string
	size   int64
	close  func()
	closed atomic.Bool
}

// Reader returns a reader of the whole file, as long as it was when it was opened. It returns
// an error of kind usage if the file is closed.
func (f *File) Reader() (*io.SectionReader, error) {
	if f.closed.Load() {
		return nil, luabind.UsageError("the file %s is closed", f.name)
	}
	return io.NewSectionReader(f, 0, f.size), nil
}

// ReadAt reads at a position. If the file has become shorter, the error is not io.EOF, so that
// a part of it is not taken for the whole.
func (f *File) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.f.ReadAt(b, at)
	if err == io.EOF && at+int64(n) < f.size {
		err = fmt.Errorf("%s is shorter than it was when it was opened: %w", f.name, io.ErrUnexpectedEOF)
	}
	return n, err
}

// Size returns the number of bytes.
func (f *File) Size() int64 { return f.size }

// opened counts the open files of a VM.
type opened struct{ n atomic.Int32 }

var openFuncs = []luabind.Func{{
	Name: "open", On: "file", Returns: "file.File",
	Params: []luabind.Param{{Name: "path", Type: "string", Doc: "The file: in the script's folder, or with --unsafe any."}},
	Doc: "Opens a file whose content can be sent: by s:data, by s:bdat, and by send with mail.raw. It is read piece by piece, so that it " +
		"can be larger than the memory. It is closed at the end of the test or script.",
	Example: `print(pcall(file.open, "missing.eml"))`,
	Call: func(c *luabind.Call) error {
		if err := c.Online(); err != nil {
			return err
		}
		count := luabind.State[*opened](c.VM)
		if count.n.Add(1) > maxOpen {
			count.n.Add(-1)
			e := luabind.UsageError("file.open: %d files are open, which is the maximum", maxOpen).(*luabind.ErrorValue)
			e.Hint = "close files with f:close()"
			return e
		}
		f, err := open(c.VM, c.Text(0))
		if err != nil {
			count.n.Add(-1)
			return luabind.UsageError("file.open: %v", err)
		}
		once := sync.OnceFunc(func() {
			f.closed.Store(true)
			f.f.Close() //nolint:errcheck // it was only read
			count.n.Add(-1)
		})
		forget := c.Scope().OnClose(once)
		f.close = func() { forget(); once() }
		c.Push(c.Object(f))
		return nil
	},
}}

// open opens a file that the script may read.
func open(vm *luabind.VM, name string) (*File, error) {
	if vm.Options().Unsafe { //mutant:scripts-open-no-foreign-files always
		f, info, err := readfile.Regular(name)
		if err != nil {
			return nil, err
		}
		return &File{f: f, name: name, size: info.Size()}, nil
	}
	dir := vm.Options().Dir
	if dir == "" {
		return nil, fmt.Errorf("%s: the script is not a file, so it has no folder whose files it could read", name)
	}
	name = vm.InFolder(name)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, info, err := readfile.RegularIn(root, name)
	if errors.As(err, new(*os.PathError)) {
		return nil, fmt.Errorf("%w; scripts read files in their own folder, with --unsafe any file", err)
	}
	if err != nil {
		return nil, err
	}
	return &File{f: f, name: name, size: info.Size()}, nil
}

var fileClass = luabind.Class{
	Name: "file.File", Type: reflect.TypeFor[*File](),
	Example: `local x = file.open("message.eml")`, Doc: "A file opened by file.open.",
	Fields: []luabind.Field{
		{Name: "path", Type: "string", Doc: "Its path.", Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LString(v.(*File).name) }},
		{Name: "size", Type: "integer", Doc: "The number of its bytes.", Get: func(_ *luabind.Call, v any) lua.LValue {
			return lua.LNumber(v.(*File).size)
		}},
	},
}

var fileFuncs = []luabind.Func{{
	Name: "close", On: "file.File",
	Doc:     "Closes the file before the end of the test or script.",
	Example: `for i = 1, 3 do local ok, f = pcall(file.open, "message.eml"); if ok then f:close() end end`,
	Call:    func(c *luabind.Call) error { c.Self.(*File).close(); return nil },
}}
