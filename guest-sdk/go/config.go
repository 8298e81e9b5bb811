package boll

import (
	"encoding/json"
	"fmt"

	wit "bindings/boll_config_config"
	"bindings/wit/types"
)

// Config is the text of a declared configuration key; empty when it has no value.
// It panics when the manifest does not declare the key, as all of these do.
func Config(key string) string {
	text, _ := LookupConfig(key)
	return text
}

// ConfigOr is the text of a key, or the one that is given when it has no value.
func ConfigOr(key, other string) string {
	if text, set := LookupConfig(key); set {
		return text
	}
	return other
}

// LookupConfig tells besides whether the key has a value.
func LookupConfig(key string) (text string, set bool) {
	if err := named(key, "the configuration key"); err != nil {
		panic(err)
	}
	result := wit.Get(key)
	if result.Tag() == types.ResultErr {
		panic(configError(result.Err()))
	}
	value := result.Ok()
	return value.SomeOr(""), value.Tag() == types.OptionSome
}

// ConfigValue reads the value of a key of the type integer, number, boolean or
// json into what `into` points to, which is left alone when there is none.
func ConfigValue(key string, into any) error {
	text, set := LookupConfig(key)
	if !set {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("the configuration key `%s`: %w", key, err)
	}
	return nil
}

// AllConfig has every declared key that has a value, with its text.
func AllConfig() map[string]string {
	all := map[string]string{}
	for _, entry := range wit.All() {
		all[entry.Key] = entry.Value
	}
	return all
}

func configError(err wit.Error) error {
	if err.Tag() == wit.ErrorUndeclared {
		return &HostError{"undeclared", err.Undeclared()}
	}
	return &HostError{"key-too-long", fmt.Sprintf("%d bytes are the most", err.KeyTooLong())}
}
