package main

import (
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/mapping"
)

func nearestFlag(c *cli.Context, name string) string {
	var names []string
	for _, f := range c.Command.Flags {
		names = append(names, f.Names()...)
	}
	return mapping.Nearest(name, names)
}

func nearestCommand(c *cli.Context, name string) string {
	commands := c.App.Commands
	if c.Command != nil && len(c.Command.Subcommands) > 0 {
		commands = c.Command.Subcommands
	}
	var names []string
	for _, sub := range commands {
		names = append(names, sub.Name)
	}
	return mapping.Nearest(name, names)
}
