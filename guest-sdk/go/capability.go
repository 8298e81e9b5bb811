package boll

import wit "bindings/boll_capability_capability"

// Grant is something that a capsule holds.
type Grant struct {
	// Name is what HasCapability takes, such as `process:git`.
	Name string
	// Scope is what it is limited to, such as `git log **`.
	Scope string
}

// Held is everything that this capsule holds, sorted by name.
func Held() []Grant {
	var grants []Grant
	for _, grant := range wit.Held() {
		grants = append(grants, Grant{grant.Name, grant.Scope})
	}
	return grants
}

// HasCapability says whether the capsule with this uuid holds a capability.
func HasCapability(uuid, name string) bool {
	return named(uuid, "") == nil && named(name, "") == nil && wit.Check(uuid, name)
}
