# What the tests of all packs build their inputs from.
package portcullis.lib.support

now := 1800000000

day := 86400

report(class, parts) := object.union(
	{
		"digest": "sha256:aa",
		"class": class,
		"format": "trivy",
		"tool": "Trivy",
		"name": null,
		"completeness": "complete",
		"time": now - 3600,
		"database_time": null,
		"trust": "submitter",
		"submitter": "ci",
		"link": null,
		"covers": ["sha256:bb"],
		"findings": [],
		"coverage": null,
		"units": null,
		"tests": null,
		"previous": null,
		"floor": null,
	},
	parts,
)

finding(severity, parts) := object.union(
	{
		"id": "CVE-2027-0001",
		"aliases": [],
		"class": "vulnerabilities",
		"severity": severity,
		"score": null,
		"purl": null,
		"package": "openssl",
		"version": "3.0.2",
		"fixed_version": "3.0.14",
		"fix_state": null,
		"suppressed": false,
		"first_seen": now - (100 * day),
		"repeated": false,
	},
	parts,
)

asked(parameters, evidence) := {
	"version": 1,
	"now": now,
	"subject": {"id": "sha256:bb", "kind": "artifact", "name": null},
	"stage": "production",
	"environment": "production",
	"repository": null,
	"verified": [],
	"identity": null,
	"context": {},
	"labels": {},
	"sources": [],
	"platforms": [{"id": "sha256:bb", "platform": null}],
	"evidence": evidence,
	"calendar": null,
	"prior": [],
	"rollback": null,
	"parameters": parameters,
}

# The names of the rules among results, in alphabetical order.
rules(results) := sort([result.rule | some result in results])
