import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Heap from "../../src/internal/heap.ts"

interface One extends Heap.Member {
  readonly value: number
  readonly name: number
}

const one = (value: number, name = 0): One => ({ value, name, position: -1 })
const byValue = (self: One, that: One) => self.value < that.value
const drained = (heap: Heap.Heap<One>): ReadonlyArray<number> => {
  const values: Array<number> = []
  for (let first = heap.first(); first !== undefined; first = heap.first()) {
    heap.remove(first)
    values.push(first.value)
  }
  return values
}

const Value = Schema.Int.check(Schema.isBetween({ minimum: -20, maximum: 20 }))
// Adds a value; or takes out the member that was added as that one, where it is still in.
const Step = Schema.Union([
  Schema.Struct({ add: Value }),
  Schema.Struct({ remove: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })) }),
  Schema.Struct({ shift: Schema.Boolean })
])

describe("heap", () => {
  it("an empty one has no first, and nothing in it", () => {
    const heap = Heap.make(byValue)
    assert.strictEqual(heap.first(), undefined)
    assert.strictEqual(heap.size(), 0)
    assert.isFalse(heap.has(one(1)))
  })

  it("taking out what is not in it changes nothing", () => {
    const heap = Heap.make(byValue)
    const [inside, outside] = [one(2), one(1)]
    heap.add(inside)
    heap.remove(outside)
    assert.strictEqual(heap.first(), inside)
    heap.remove(inside)
    heap.remove(inside)
    assert.deepStrictEqual([heap.size(), inside.position], [0, -1])
  })

  it("a member of another heap is not taken for one of its own", () => {
    const [mine, other] = [Heap.make(byValue), Heap.make(byValue)]
    const [a, b] = [one(1), one(1)]
    mine.add(a)
    other.add(b)
    assert.isFalse(mine.has(b))
    mine.remove(b)
    assert.deepStrictEqual([mine.size(), other.size()], [1, 1])
    assert.isTrue(other.has(b))
  })

  it("a member that was taken out can be added anew, with another value", () => {
    const heap = Heap.make((self: { value: number } & Heap.Member, that) => self.value < that.value)
    const moved = { value: 1, position: -1 }
    const still = { value: 2, position: -1 }
    heap.add(moved)
    heap.add(still)
    heap.remove(moved)
    moved.value = 3
    heap.add(moved)
    assert.strictEqual(heap.first(), still)
  })

  it.prop(
    "gives its members in their order",
    { values: Schema.Array(Value) },
    ({ values }) => {
      const heap = Heap.make(byValue)
      for (const value of values) heap.add(one(value))
      assert.strictEqual(heap.size(), values.length)
      assert.deepStrictEqual(
        drained(heap),
        values.toSorted((a, b) => a - b)
      )
    },
    { arbitrary: { seed: "sorted", runs: 300 } }
  )

  it.prop(
    "is as a sorted array, whatever is added and whoever leaves",
    { steps: Schema.Array(Step) },
    ({ steps }) => {
      const heap = Heap.make(byValue)
      const added: Array<One> = []
      let sorted: ReadonlyArray<One> = []
      for (const step of steps) {
        if ("add" in step) {
          const member = one(step.add, added.length)
          added.push(member)
          heap.add(member)
          sorted = [...sorted, member].toSorted((a, b) => a.value - b.value)
        } else {
          const leaving = "remove" in step ? added[step.remove] : heap.first()
          if (leaving === undefined) continue
          heap.remove(leaving)
          assert.isFalse(heap.has(leaving))
          sorted = sorted.filter((member) => member !== leaving)
        }
        assert.strictEqual(heap.size(), sorted.length)
        assert.strictEqual(heap.first()?.value, sorted[0]?.value)
        for (const member of sorted) assert.isTrue(heap.has(member))
      }
      assert.deepStrictEqual(
        drained(heap),
        sorted.map(({ value }) => value)
      )
    },
    { arbitrary: { seed: "steps", runs: 400 } }
  )

  it("many members, of which every third leaves from wherever it is", () => {
    const heap = Heap.make(byValue)
    const members = Array.from({ length: 1000 }, (_, index) => one((index * 7919) % 1009, index))
    for (const member of members) heap.add(member)
    const staying = members.filter(({ name }) => name % 3 !== 0)
    for (const member of members) if (member.name % 3 === 0) heap.remove(member)
    assert.deepStrictEqual(
      drained(heap),
      staying.map(({ value }) => value).toSorted((a, b) => a - b)
    )
  })
})
