package boll

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
)

// deepest is how deep a value is looked into; encoding/json finds circles itself.
const deepest = 1000

// marshal gives the JSON of a value, and fails for what encoding/json would make {} of: an error, or a
// struct without exported fields.
func marshal(value any) ([]byte, error) {
	if err := lost(reflect.ValueOf(value), "the value", 0); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("the value has no form in JSON: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func lost(value reflect.Value, path string, depth int) error {
	if !value.IsValid() || depth > deepest || encodesItself(value) {
		return nil
	}
	if value.CanInterface() {
		if err, is := value.Interface().(error); is {
			return fmt.Errorf("%s is an error (%v), which has no form in JSON: use its text", path, err)
		}
	}
	switch value.Kind() {
	case reflect.Interface, reflect.Pointer:
		return lost(value.Elem(), path, depth+1)
	case reflect.Slice, reflect.Array:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for at := range value.Len() {
			if err := lost(value.Index(at), fmt.Sprintf("%s[%d]", path, at), depth+1); err != nil {
				return err
			}
		}
	case reflect.Map:
		for keys := value.MapRange(); keys.Next(); {
			if err := lost(keys.Value(), fmt.Sprintf("%s[%v]", path, keys.Key()), depth+1); err != nil {
				return err
			}
		}
	case reflect.Struct:
		return lostFields(value, path, depth)
	}
	return nil
}

func lostFields(value reflect.Value, path string, depth int) error {
	seen := 0
	for at := range value.NumField() {
		field := value.Type().Field(at)
		if !field.IsExported() && !field.Anonymous {
			continue
		}
		seen++
		if field.Tag.Get("json") == "-" || !field.IsExported() {
			continue
		}
		if err := lost(value.Field(at), path+"."+field.Name, depth+1); err != nil {
			return err
		}
	}
	if seen == 0 && value.NumField() > 0 {
		return fmt.Errorf("%s is a %s, which has no fields that JSON includes: export them", path, value.Type())
	}
	return nil
}

func encodesItself(value reflect.Value) bool {
	of := func(value reflect.Value) bool {
		if !value.CanInterface() {
			return false
		}
		switch value.Interface().(type) {
		case json.Marshaler, encoding.TextMarshaler:
			return true
		}
		return false
	}
	return of(value) || value.CanAddr() && of(value.Addr())
}
