// Starts the Python language host in the project's own virtual environment.
//
// The newest language host that is published as a Go module learns of a project's virtual environment by a flag.
// Today's command line no longer gives that flag (it hands over a project's options when the host runs already), so
// this program reads them from Pulumi.yaml and passes them on. It becomes the host: one process, the same streams.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"gopkg.in/yaml.v3"
)

const host = "pulumi-python-host"

type options struct {
	Toolchain  string `yaml:"toolchain"`
	Virtualenv string `yaml:"virtualenv"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

func run() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	arguments, err := flags()
	if err != nil {
		return err
	}
	program := filepath.Join(filepath.Dir(self), host)
	return syscall.Exec(program, append(append([]string{program}, arguments...), os.Args[1:]...), os.Environ())
}

// flags names the virtual environment of the project that the working directory lies in, if it has one.
func flags() ([]string, error) {
	root, file, err := project()
	if err != nil || file == "" {
		return nil, err
	}
	chosen, err := runtimeOptions(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	environment, err := virtualenv(root, chosen)
	if err != nil || environment == "" {
		return nil, err
	}
	return []string{"-root=" + root, "-virtualenv=" + environment}, nil
}

// project finds the nearest Pulumi.yaml in the working directory or above it; both are empty when there is none.
func project() (root, file string, err error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	for {
		for _, name := range []string{"Pulumi.yaml", "Pulumi.yml", "Pulumi.json"} {
			candidate := filepath.Join(folder, name)
			if found, err := os.Stat(candidate); err == nil && !found.IsDir() {
				return folder, candidate, nil
			}
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", "", nil
		}
		folder = parent
	}
}

// runtimeOptions reads what is written as `runtime: python` or as `runtime: {name: python, options: {...}}`.
func runtimeOptions(file string) (options, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return options{}, err
	}
	var long struct {
		Runtime struct {
			Options options `yaml:"options"`
		} `yaml:"runtime"`
	}
	var short struct {
		Runtime string `yaml:"runtime"`
	}
	if err := yaml.Unmarshal(text, &long); err != nil && yaml.Unmarshal(text, &short) != nil {
		return options{}, err
	}
	return long.Runtime.Options, nil
}

func virtualenv(root string, chosen options) (string, error) {
	switch {
	case chosen.Toolchain == "poetry":
		command := exec.Command("poetry", "env", "info", "--path")
		command.Dir = root
		command.Stderr = os.Stderr
		path, err := command.Output()
		if err != nil {
			return "", fmt.Errorf("poetry env info --path: %w", err)
		}
		return strings.TrimSpace(string(path)), nil
	case chosen.Toolchain == "uv" && chosen.Virtualenv == "":
		return ".venv", nil
	default:
		return chosen.Virtualenv, nil
	}
}
