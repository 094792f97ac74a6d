package problem

// accountTable are the codes of a gorgias.Loss. Those the mapping can tell as well are among its own.
var accountTable = []Entry{
	{"agent.unknown", "account", "warning", "the author of a message is no user of the account: the fallback agent stands in, and meta keeps the author", "tom@acme.test left last year",
		"nothing, if the fallback is right; else invite the user, or name another one in the people file"},
	{"team.unknown", "account", "warning", "the account has no team of that name: the ticket is assigned to none, and meta keeps the name", "team: Returns NL",
		"make the team in Gorgias under the same name, or translate it with a table"},
	{"custom_field.unknown", "account", "warning", "the account has no ticket field of that label or id, or more than one: meta keeps the value", "custom_fields: { Produkt: … }, where the field is called Product",
		"make the field in Gorgias, or name it by its id"},
	{"custom_field.value", "account", "warning", "the ticket field does not take the value: not of its type, none of its choices, or a second one; meta keeps it", "blue, where the choices are red and green",
		"add the choice in Gorgias, or translate the value with a table"},
	{"integration.unknown", "account", "warning", "no mailbox of the account has the e-mail's address: the message is tied to none", "mail to support@old.example, which moved",
		"connect the mailbox, or name one with --integration support@old.example=ID"},
	{"message.address.extra", "account", "warning", "addresses of a channel that has no mail source: meta keeps them", "cc on a chat", "nothing"},
}

// runTable are the codes of tickets that an import or a retry leaves open.
var runTable = []Entry{
	{"ticket.refused", "run", "error", "the account refused the ticket, or a message of it, for good", "400: the body holds a field it does not take",
		"mend the export or the mapping and import again, or retry --rejected"},
	{"ticket.in_doubt", "run", "error", "a request was sent and never answered: it may have taken effect", "the connection broke after the last byte",
		"run the same command again later: it looks for the ticket first, and sends nothing twice"},
	{"ticket.held.unknown", "run", "error", "a request was never answered, and the ticket was not found until the settle window closed", "an outage of an hour",
		"retry --in-doubt looks once more, and sends again what is not there"},
	{"ticket.held.duplicate", "run", "error", "the account holds the ticket more than once", "two tickets with the external id zendesk:812", "look at them in Gorgias, delete the one too many, then retry --held duplicate"},
	{"ticket.held.incomplete", "run", "error", "some of the ticket's messages cannot be sent", "3 messages are there, the 4th is refused", "mend what the note says, then retry --held incomplete"},
	{"ticket.held.files", "run", "error", "a file could not be had, and none may be missing", "the old server is down", "retry --held files asks for the files again; with --files fetch the tickets go without them"},
	{"ticket.held.id-reused", "run", "error", "the account holds something else under the ticket's id", "another tool imported its own ticket as zendesk:812", "look at it in Gorgias, then retry --held id-reused"},
	{"ticket.held.gone", "run", "error", "the ticket was deleted, trashed or marked as spam in the account", "a colleague tidied up while the import ran", "look at it in Gorgias, then retry --held gone"},
	{"ticket.held.merged", "run", "error", "messages of ours are missing in the ticket: it was merged or split", "auto-merge was on", "look at it in Gorgias, then retry --held merged"},
	{"ticket.held.touched", "run", "error", "people have worked on the ticket in Gorgias: new messages might reopen it, or make rules act", "an agent answered in Gorgias, and the customer wrote to the old helpdesk since",
		"look at it in Gorgias, then retry --held touched; sync --append-touched adds to such tickets without asking"},
	{"ticket.held.undone", "run", "error", "an undo took some of the ticket's messages back: they do not come again by themselves", "run 2 added a message, and was taken back",
		"nothing, if they are not wanted; else retry --undone, or import --again"},
}

// syncTable are the codes of what a sync met and left as it is.
var syncTable = []Entry{
	{"sync.conflict", "sync", "warning", "the ticket was changed in the source and in Gorgias: what Gorgias has stays", "solved in the old helpdesk, and given another assignee in Gorgias",
		"see which is right, and set it in Gorgias by hand"},
	{"sync.kept", "sync", "warning", "the source has taken the assignee away, and the ticket keeps the one it has: taking away is not written", "nobody has the ticket in the old helpdesk since yesterday",
		"take the assignee away in Gorgias by hand, if it matters"},
	{"sync.unknown", "sync", "warning", "the ticket was changed in the source, and what an older deskferry wrote is not known: what Gorgias has stays", "a status that changed between an import of an older version and the first sync",
		"set it in Gorgias by hand, if it matters"},
	{"sync.refused", "sync", "warning", "the account refused the change of a ticket's status, tags or assignee", "400: the tag is too long", "set it in Gorgias by hand, if it matters"},
	{"sync.removal_left", "sync", "warning", "the source has deleted the ticket, and it was not deleted from Gorgias, as somebody has worked on it there", "an agent answered a ticket that was merged into another in the old helpdesk",
		"delete it in Gorgias by hand, or let it be"},
}

// verifyTable are the codes of an importer.Difference.
var verifyTable = []Entry{
	{"verify.missing", "verify", "error", "a ticket or a message is not in the account", "it was deleted there since", "look at it in Gorgias; retry --held brings back what the ledger holds as open"},
	{"verify.repeated", "verify", "error", "a message is there more than once", "somebody imported the export with another tool as well", "delete the one too many in Gorgias"},
	{"verify.order", "verify", "error", "messages stand in another order", "two messages of one second", "nothing, if their times are equal; else report it as a bug"},
	{"verify.time", "verify", "error", "a time is another", "sent_datetime is 2 hours off: the zone was wrong", "check source.timezone; times of imported messages cannot be changed"},
	{"verify.people", "verify", "error", "an author, a customer or an assignee is another", "the customer was merged with another in Gorgias", "nothing, if somebody merged or reassigned them; else look at the people file"},
	{"verify.direction", "verify", "error", "incoming and outgoing are exchanged", "an agent's answer shows as the customer's", "check the rule's from_agent and people.agents"},
	{"verify.public", "verify", "error", "a note is public, or a message is not", "an internal note that the customer can see", "check the rule's internal; change it in Gorgias now"},
	{"verify.body", "verify", "error", "a text is another", "somebody edited the message in Gorgias", "nothing, if it was edited; else report it as a bug"},
	{"verify.file", "verify", "error", "a file is another, or is not there", "an attachment that leads nowhere", "retry --missing-files"},
	{"verify.tags", "verify", "error", "a tag is not there", "a rule of the account took it away", "nothing, if that was meant; else look at the account's rules"},
	{"verify.status", "verify", "error", "open and closed are exchanged", "the customer wrote again since: the ticket is open", "nothing, if people worked on it; else look at the account's rules"},
	{"verify.subject", "verify", "error", "a subject is another", "somebody renamed the ticket", "nothing, if it was renamed"},
	{"verify.address", "verify", "error", "from, to, cc or bcc is another", "the account shows the customer's new address", "nothing, if the customer was merged or renamed"},
	{"verify.field", "verify", "error", "another field differs", "a ticket field that was filled in since", "nothing, if people worked on it"},
	{"verify.sent", "verify", "error", "the account has sent a message, or tried to", "a message with a failed_datetime", "stop, and read docs/safety.md: no message that deskferry made can be sent by itself"},
	{"verify.rule", "verify", "error", "a rule of the account has answered an imported ticket", "an auto-reply right after the import", "switch the rule off before going on: see docs/safety.md"},
}
