// What npm is told: exact versions, and a lock file that works with any registry.
import type { Rule } from './tree'

export const exactVersions: Rule = (file) => {
  if (file.path !== 'package.json') return []
  const { dependencies, devDependencies } = JSON.parse(file.text) as Record<string, Record<string, string>>
  return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) => {
    if (/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) return []
    return [
      file.complain(
        file.text.indexOf(`"${name}"`),
        `${name} ${version}: give one exact version (npm install --save-exact)`,
      ),
    ]
  })
}

export const portableLock: Rule = (file) => {
  if (file.path !== 'package-lock.json') return []
  return [...file.text.matchAll(/"resolved": "https?:[^"]*"/g)].map((match) =>
    file.complain(match.index, `${match[0]}: lock without addresses (npm install --omit-lockfile-registry-resolved)`),
  )
}
