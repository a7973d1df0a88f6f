// Atoms in React: what a component shows of the registry, and nothing else.
import type * as Atom from "effect/reactivity/Atom"
import * as AtomRegistry from "effect/reactivity/AtomRegistry"
import { createContext, useCallback, useContext, useEffect, useSyncExternalStore } from "react"

/** The registry of the program; a test has its own. */
export const Registry = createContext<AtomRegistry.AtomRegistry>(AtomRegistry.make())

/** The atom's value, and a new look whenever it has another. */
export const useAtomValue = <A>(atom: Atom.Atom<A>): A => {
  const registry = useContext(Registry)
  const subscribe = useCallback(
    (changed: () => void) => registry.subscribe(atom, changed),
    [registry, atom]
  )
  return useSyncExternalStore(subscribe, () => registry.get(atom))
}

/** Keeps the atom going for as long as the component is there, whatever its value is. */
export const useAtomMount = (atom: Atom.Atom<unknown>): void => {
  const registry = useContext(Registry)
  useEffect(() => registry.mount(atom), [registry, atom])
}
