// Package docs holds the parts of the manual that the program prints.
package docs

import _ "embed" // the schema

// ReportSchema is the JSON Schema of reports: of --json, and of --report with a name that ends in .json.
//
//go:embed report.schema.json
var ReportSchema string
