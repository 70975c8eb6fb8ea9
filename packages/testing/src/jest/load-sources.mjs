// Lets the process that imports this file load our packages from their sources, as `node --conditions=source` does.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier.startsWith('@gateway/') ? { ...context, conditions: [...context.conditions, 'source'] } : context),
});
