;; The capsule of the crate's example: goes on with the payload that it is given.
(module
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get 3))))
  ;; The action, the topic if there is one, the payload; the answer lies at 0.
  (func (export "boll:hook/handler@0.2.0#handle")
    (param i32 i32 i32 i32 i32) (param $payload i32) (param $bytes i32) (result i32)
    (i32.store (i32.const 0) (i32.const 0))             ;; a reply
    (i32.store (i32.const 4) (i32.const 0))             ;; continue
    (i32.store (i32.const 8) (i32.const 1))             ;; with a payload
    (i32.store (i32.const 12) (local.get $payload))
    (i32.store (i32.const 16) (local.get $bytes))
    (i32.const 0)))
