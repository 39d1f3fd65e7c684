package cli

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/pflag"
)

// profile writes what the program spends its time and memory on, for go tool pprof.
type profile struct {
	cpu, mem string
	cpuFile  *os.File
}

func (p *profile) register(f *pflag.FlagSet) {
	f.StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile to `FILE`")
	f.StringVar(&p.mem, "memprofile", "", "write a profile of all allocations to `FILE`")
	for _, name := range []string{"cpuprofile", "memprofile"} {
		if err := f.MarkHidden(name); err != nil {
			panic(err) // the flag was defined a line above
		}
	}
}

func (p *profile) start() error {
	if p.mem != "" {
		if err := checkReports(reportFlag{"--memprofile", []string{p.mem}}); err != nil {
			return err
		}
	}
	if p.cpu == "" {
		return nil
	}
	f, err := os.Create(p.cpu)
	if err == nil {
		p.cpuFile = f
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		return &usageError{err: fmt.Errorf("--cpuprofile: %w", err), hint: "name a file that can be written"}
	}
	return nil
}

func (p *profile) stop() error {
	var errs []error
	if p.cpuFile != nil {
		pprof.StopCPUProfile()
		errs = append(errs, p.cpuFile.Close())
	}
	if p.mem != "" {
		f, err := os.Create(p.mem)
		if err == nil {
			runtime.GC() // what is live is told as it is now
			err = errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
