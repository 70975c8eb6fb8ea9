/** A simulator inside the test, for packages that do not depend on it. */
export { type Simulator, startSimulator } from '@gateway/simulator';
