package mapping

import (
	"encoding/json"
	"maps"
	"slices"
)

// schemaID names the format; there is nothing to fetch.
const schemaID = "urn:deskferry:mapping:1"

// schema is a part of a JSON Schema.
type schema map[string]any

// Schema returns the JSON Schema (draft 2020-12) of the mapping format, so that editors complete it. It is made from
// the tables the loader reads. It describes form only: names that must exist, constants of a field and the like
// are checked when a mapping is loaded.
func Schema() []byte {
	defs := schema{}
	for name, s := range scalarDefs() {
		defs[name] = s
	}
	maps.Copy(defs, sectionDefs())
	maps.Copy(defs, valueDefs())
	root := objectOf(fileKeys)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = schemaID
	root["title"] = "deskferry mapping"
	root["description"] = "which field of an export becomes what in a ticket and its messages"
	root["required"] = []string{"version"}
	root["$defs"] = defs
	b, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("mapping: the schema is made of texts, lists and maps: " + err.Error())
	}
	return append(b, '\n')
}

func defined(def string) schema { return schema{"$ref": "#/$defs/" + def} }

func anyOf(options ...schema) schema { return schema{"anyOf": options} }

// removable adds null, which removes what an extended file or a like rule has.
func removable(s schema) schema { return anyOf(s, schema{"type": "null"}) }

// objectOf is a map with these keys and no others.
func objectOf(tables ...[]key) schema {
	properties := schema{}
	for _, table := range tables {
		for _, k := range table {
			p := removable(defined(k.def))
			p["description"] = k.doc
			properties[k.name] = p
		}
	}
	return schema{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
}

// mapOf is a map whose keys are free.
func mapOf(s schema) schema {
	return schema{"type": "object", "additionalProperties": s, "minProperties": 1}
}

// withFields adds target fields to an object.
func withFields(o schema, fields []field) schema {
	properties := o["properties"].(schema)
	for _, f := range fields {
		p := removable(defined(f.kind.def()))
		if f.kind == kindEnum {
			p = removable(defined(f.name + "Value"))
		}
		p["description"] = f.doc
		properties[f.name] = p
	}
	return o
}

// def names the part of the schema for values of this kind.
func (k fieldKind) def() string {
	switch k {
	case kindPerson:
		return "person"
	case kindAddresses:
		return "addresses"
	case kindAttachments:
		return "attachments"
	case kindPairs:
		return "pairs"
	case kindList:
		return "listValue"
	}
	return "value"
}

func scalarDefs() schema {
	text := schema{"type": []string{"string", "number", "boolean"}}
	constant := schema{"type": []string{"string", "number", "boolean"}}
	enum := func(words ...string) schema { return schema{"enum": words} }
	return schema{
		"version": schema{"const": 1},
		// Words are read as written, so what other readers take for a number or a boolean is one too.
		"text":         text,
		"texts":        anyOf(text, schema{"type": "array", "minItems": 1, "items": schema{"type": []string{"string", "number", "boolean", "null"}}}),
		"template":     schema{"type": "string", "pattern": `\{[^{}]+\}`},
		"regex":        text,
		"bool":         schema{"type": "boolean"},
		"constant":     constant,
		"format":       enum(formats()...),
		"delimiter":    anyOf(enum("comma", "semicolon", "tab", "pipe"), schema{"type": "string", "minLength": 1, "maxLength": 1}),
		"bodyHTML":     enum(bodiesHTML...),
		"bodyReplies":  enum(bodiesReplies...),
		"bodyTrackers": enum(bodiesTrackers...),
		"unknown":      enum("reject", "agent", "customer"),
		"future":       enum("skip"),
		"take":         enum("last"),
		"unescape":     anyOf(enum(escapes...), schema{"type": "array", "minItems": 1, "items": enum(escapes...)}),
	}
}

func sectionDefs() schema {
	rules := func(o schema) schema { return mapOf(removable(o)) }
	table := anyOf(
		mapOf(schema{"type": []string{"string", "number", "boolean", "null"}}),
		tableFile(),
	)
	return schema{
		"about":       objectOf(aboutKeys),
		"signs":       schema{"type": "array", "minItems": 1, "items": defined("texts")},
		"refusals":    schema{"type": "array", "minItems": 1, "items": objectOf(refuseKeys)},
		"settings":    mapOf(removable(defined("text"))),
		"source":      objectOf(sourceKeys),
		"inputs":      rules(objectOf(inputKeys)),
		"tables":      mapOf(removable(defined("table"))),
		"table":       table,
		"tableRef":    anyOf(defined("text"), defined("table")),
		"people":      objectOf(peopleKeys),
		"bodies":      objectOf(bodiesKeys),
		"personRules": rules(withFields(objectOf(personRuleKeys), personFields)),
		"tickets":     rules(withFields(objectOf(ticketRuleKeys), ticketFields)),
		"messages":    rules(withFields(objectOf(messageRuleKeys), messageFields)),
		"reasons":     mapOf(removable(defined("condition"))),
		"condition": anyOf(
			schema{"type": "object", "properties": schema{"expr": defined("text")}, "required": []string{"expr"}, "additionalProperties": false},
			defined("clause"),
			schema{"type": "array", "minItems": 1, "items": defined("clause")},
		),
		"clause": mapOf(defined("test")),
		"test":   anyOf(defined("constant"), schema{"type": "array", "minItems": 1, "items": defined("constant")}, oneKey(testKeys)),
	}
}

func tableFile() schema {
	o := objectOf(tableFileKeys)
	o["required"] = keyNames(tableFileKeys)
	return o
}

// oneKey is a map with exactly one of these keys.
func oneKey(keys []key) schema {
	o := objectOf(keys)
	o["maxProperties"] = 1
	return o
}

// valueDefs describe the forms of values, plain and of each kind that is made of parts.
func valueDefs() schema {
	defs := schema{
		"value":       valueSchema("value", formsWithout("all"), nil),
		"values":      schema{"type": "array", "minItems": 1, "items": defined("value")},
		"from":        anyOf(defined("text"), defined("values")),
		"listValue":   valueSchema("listValue", formKeys, nil),
		"pairs":       anyOf(mapOf(removable(defined("value"))), partsSchema(objectOf(eachKeys, partKeys), pairParts, "each", "name", "value")),
		"person":      valueSchema("person", formsWithout("all"), partsSchema(objectOf(partKeys), personFields)),
		"addresses":   valueSchema("addresses", formKeys, partsSchema(objectOf(eachKeys, partKeys), addressParts, "address")),
		"attachments": valueSchema("attachments", formKeys, partsSchema(objectOf(eachKeys, partKeys), attachmentParts)),
	}
	for _, f := range slices.Concat(ticketFields, messageFields) {
		if f.kind == kindEnum {
			defs[f.name+"Value"] = enumValue(f)
		}
	}
	return defs
}

func formsWithout(name string) []key {
	return slices.DeleteFunc(slices.Clone(formKeys), func(k key) bool { return k.name == name })
}

// valueSchema is a word, alternatives, or a map of a form and steps; self names the definition itself, for what is in it.
func valueSchema(self string, forms []key, parts schema) schema {
	form := objectOf(forms, stepKeys)
	properties := form["properties"].(schema)
	var oneForm []schema
	for _, k := range forms {
		oneForm = append(oneForm, schema{"required": []string{k.name}})
	}
	form["oneOf"] = oneForm
	list := schema{"type": "array", "minItems": 1, "items": defined(self)}
	if self != "value" {
		properties["from"] = anyOf(defined("text"), list)
		if properties["all"] != nil {
			properties["all"] = list
		}
	}
	options := []schema{defined("text"), list, form}
	if parts != nil {
		options = append(options, parts)
	}
	return anyOf(options...)
}

// partsSchema is a map of parts, some of which must be there.
func partsSchema(o schema, fields []field, required ...string) schema {
	withFields(o, fields)
	if len(required) > 0 {
		o["required"] = required
		return o
	}
	var some []schema
	for _, f := range fields {
		some = append(some, schema{"required": []string{f.name}})
	}
	o["anyOf"] = some
	return o
}

// enumValue is a value of a field with known words: as a bare word they are refused, as constants offered.
func enumValue(f field) schema {
	form := objectOf(formsWithout("all"), stepKeys)
	constant := schema{"enum": f.enum}
	if f.name == "channel" || f.name == "via" {
		constant = anyOf(constant, schema{"type": "string", "pattern": slug.String()})
	}
	properties := form["properties"].(schema)
	properties["const"], properties["default"] = constant, constant
	self := defined(f.name + "Value")
	list := schema{"type": "array", "minItems": 1, "items": self}
	properties["from"] = anyOf(defined("text"), list)
	bare := schema{"type": "string", "not": schema{"enum": f.enum}}
	return anyOf(bare, list, form)
}
