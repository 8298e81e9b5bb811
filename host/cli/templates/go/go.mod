module {{package}}

go 1.25

require (
	bindings v0.0.0
	boll v0.0.0
)

replace (
	bindings => ./gen
	boll => ./sdk
)
