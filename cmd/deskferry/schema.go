package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/docs"
)

func schemaCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:        "schema",
		Usage:       "print the JSON Schema of reports",
		Description: "A report is what check, import, retry and verify print with --json, and write with --report FILE.json. That of mapping files is printed by deskferry mapping schema.",
		Action: func(*cli.Context) error {
			_, err := fmt.Fprint(std.out, docs.ReportSchema)
			return err
		},
	}
}
