module boll

go 1.25

// What `boll bindings` writes; the capsule's own go.mod says where it is.
require bindings v0.0.0
